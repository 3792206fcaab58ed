"""How the peers that are sentence-transformers models answer; see sentence_transformers_peer.py."""

import json
import sys
import time


def answer_timings(model, job, version, answers):
    """Answers {"version", "tokens"}, then {"seconds", "cpu_seconds"} for every further line."""
    texts, batch_size = job["texts"], job["batch_size"]
    encoded = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)["input_ids"]
    model.encode(texts[:batch_size], batch_size=batch_size, show_progress_bar=False)
    print(json.dumps({"version": version, "tokens": sum(map(len, encoded))}), file=answers, flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        model.encode(texts, batch_size=batch_size, show_progress_bar=False)
        answer = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
        print(json.dumps(answer), file=answers, flush=True)
