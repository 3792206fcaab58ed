"""Times sentence-transformers on ONNX Runtime with its own dynamic int8 export ("avx512_vnni").

Speaks as sentence_transformers_peer.py does; keeps the export in the folder "exports".
"""

import json
import os
import sys
import time

import onnxruntime
import sentence_transformers
from sentence_transformers import SentenceTransformer, export_dynamic_quantized_onnx_model

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
texts = job["texts"]
encoded = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)["input_ids"]
model.encode(texts[: job["batch_size"]], batch_size=job["batch_size"], show_progress_bar=False)
version = f"sentence-transformers {sentence_transformers.__version__}, onnxruntime {onnxruntime.__version__}"
print(json.dumps({"version": version, "tokens": sum(map(len, encoded))}), file=answers, flush=True)

for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    model.encode(texts, batch_size=job["batch_size"], show_progress_bar=False)
    answer = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(answer), file=answers, flush=True)
