"""Times sentence-transformers (PyTorch, fp32, CPU) for bench/model-speed.ts.

Reads one line {"model", "threads", "batch_size", "texts"} and answers {"version", "tokens"}; then, for every further
line, encodes all texts once and answers {"seconds", "cpu_seconds"}.
"""

import json
import sys

import sentence_transformers
import torch
from sentence_transformers_timing import answer_timings

job = json.loads(sys.stdin.readline())
torch.set_num_threads(job["threads"])
model = sentence_transformers.SentenceTransformer(job["model"], device="cpu")
version = f"sentence-transformers {sentence_transformers.__version__}, PyTorch {torch.__version__}"
answer_timings(model, job, version, sys.stdout)
