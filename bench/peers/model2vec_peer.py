"""Times model2vec's own encode for bench/static-speed.ts.

Reads one line {"model", "threads", "texts"} and answers {"version", "tokens"}; then, for every further line, encodes all
texts once and answers {"seconds", "cpu_seconds"}. Threads are those of the tokenizer: model2vec uses no others.
"""

import importlib.metadata
import json
import os
import sys
import time

job = json.loads(sys.stdin.readline())
os.environ["RAYON_NUM_THREADS"] = str(job["threads"])

import numpy  # noqa: E402
import tokenizers  # noqa: E402
from model2vec import StaticModel  # noqa: E402

model = StaticModel.from_pretrained(job["model"])
texts = job["texts"]
limit = model.max_length
shortened = texts if limit is None else [text[: limit * model.median_token_length] for text in texts]
tokens = sum(map(len, model.tokenize(shortened)))
model.encode(texts[:32])
version = (
    f"model2vec {importlib.metadata.version('model2vec')}, tokenizers {tokenizers.__version__}, "
    f"NumPy {numpy.__version__}"
)
print(json.dumps({"version": version, "tokens": tokens}), flush=True)

for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    model.encode(texts)
    answer = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(answer), flush=True)
