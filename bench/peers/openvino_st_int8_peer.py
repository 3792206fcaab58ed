"""Times sentence-transformers on its OpenVINO backend, with the model that openvino_int8_peer.py had NNCF quantise.

Run after that one. Speaks as sentence_transformers_peer.py does.
"""

import json
import os
import shutil
import sys

import openvino
import sentence_transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers_timing import answer_timings

job = json.loads(sys.stdin.readline())
# Exporters print their progress; the answers are alone on the real output.
answers, sys.stdout = sys.stdout, sys.stderr
folder = os.path.join(job["exports"], "openvino")
name = "openvino_model_qint8_quantized"
quantised = os.path.join(job["exports"], os.path.basename(job["model"]) + "-openvino-int8", "model")
for suffix in [".xml", ".bin"]:
    shutil.copy(quantised + suffix, os.path.join(folder, "openvino", name + suffix))
settings = {"NUM_STREAMS": str(job["threads"]), "INFERENCE_NUM_THREADS": str(job["threads"])}
model = SentenceTransformer(
    folder,
    backend="openvino",
    device="cpu",
    model_kwargs={"file_name": name + ".xml", "ov_config": settings},
)
version = f"sentence-transformers {sentence_transformers.__version__}, OpenVINO {openvino.__version__}"
answer_timings(model, job, version, answers)
