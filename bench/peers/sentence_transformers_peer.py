"""Times sentence-transformers (PyTorch, fp32, CPU) for bench/model-speed.ts.

Reads one line {"model", "threads", "batch_size", "texts"} and answers {"version", "tokens"}; then, for every further
line, encodes all texts once and answers {"seconds", "cpu_seconds"}.
"""

import json
import sys
import time

import sentence_transformers
import torch

job = json.loads(sys.stdin.readline())
torch.set_num_threads(job["threads"])
model = sentence_transformers.SentenceTransformer(job["model"], device="cpu")
texts = job["texts"]
encoded = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)["input_ids"]
model.encode(texts[: job["batch_size"]], batch_size=job["batch_size"], show_progress_bar=False)
version = f"sentence-transformers {sentence_transformers.__version__}, PyTorch {torch.__version__}"
print(json.dumps({"version": version, "tokens": sum(map(len, encoded))}), flush=True)

for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    model.encode(texts, batch_size=job["batch_size"], show_progress_bar=False)
    answer = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(answer), flush=True)
