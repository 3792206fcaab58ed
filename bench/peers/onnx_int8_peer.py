"""Times sentence-transformers on ONNX Runtime with its own dynamic int8 export ("avx512_vnni").

Speaks as sentence_transformers_peer.py does; keeps the export in the folder "exports".
"""

import json
import os
import sys

import onnxruntime
import sentence_transformers
from sentence_transformers import SentenceTransformer, export_dynamic_quantized_onnx_model
from sentence_transformers_timing import answer_timings

job = json.loads(sys.stdin.readline())
# Exporters print their progress; the answers are alone on the real output.
answers, sys.stdout = sys.stdout, sys.stderr
folder = os.path.join(job["exports"], os.path.basename(job["model"]) + "-onnx-int8")
name = "model_qint8_avx512_vnni.onnx"
if not os.path.exists(os.path.join(folder, "onnx", name)):
    plain = SentenceTransformer(job["model"], backend="onnx", device="cpu")
    plain.save_pretrained(folder)
    export_dynamic_quantized_onnx_model(plain, "avx512_vnni", folder)

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = job["threads"]
model = SentenceTransformer(
    folder, backend="onnx", device="cpu", model_kwargs={"file_name": name, "session_options": options}
)
version = f"sentence-transformers {sentence_transformers.__version__}, onnxruntime {onnxruntime.__version__}"
answer_timings(model, job, version, answers)
