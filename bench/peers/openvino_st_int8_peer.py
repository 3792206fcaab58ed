"""Times sentence-transformers on its OpenVINO backend, with the model that openvino_int8_peer.py had NNCF quantise.

Run after that one. Speaks as sentence_transformers_peer.py does.
"""

import json
import os
import shutil
import sys
import time

import openvino
import sentence_transformers
from sentence_transformers import SentenceTransformer

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
texts = job["texts"]
encoded = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)["input_ids"]
model.encode(texts[: job["batch_size"]], batch_size=job["batch_size"], show_progress_bar=False)
version = f"sentence-transformers {sentence_transformers.__version__}, OpenVINO {openvino.__version__}"
print(json.dumps({"version": version, "tokens": sum(map(len, encoded))}), file=answers, flush=True)

for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    model.encode(texts, batch_size=job["batch_size"], show_progress_bar=False)
    answer = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(answer), file=answers, flush=True)
