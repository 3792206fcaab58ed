"""Times sentence-transformers' mine_hard_negatives without FAISS for bench/mining-speed.ts.

Arguments: a folder with queries.f32 and chunks.f32, dimensions, threads. Embedding is not timed on either side: the
model hands out vectors that are there already. Prints {"version", "seconds", "peakMebibytes", "rows"}.
"""

import json
import os
import resource
import sys
import time

import numpy
import sentence_transformers
import torch
from datasets import Dataset
from sentence_transformers.util import cos_sim, mine_hard_negatives, pairwise_cos_sim

folder, dimensions, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)


def peak_mebibytes():
    """Of this process alone: on Linux, getrusage also counts the process that started it, until then."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Vectors:
    """What mine_hard_negatives asks of a model."""

    device = torch.device("cpu")
    similarity = staticmethod(cos_sim)
    similarity_pairwise = staticmethod(pairwise_cos_sim)

    def encode_query(self, _texts, **_options):
        return numpy.fromfile(os.path.join(folder, "queries.f32"), dtype=numpy.float32).reshape(-1, dimensions)

    def encode_document(self, _texts, **_options):
        return numpy.fromfile(os.path.join(folder, "chunks.f32"), dtype=numpy.float32).reshape(-1, dimensions)


model = Vectors()
queries = os.path.getsize(os.path.join(folder, "queries.f32")) // 4 // dimensions
chunks = os.path.getsize(os.path.join(folder, "chunks.f32")) // 4 // dimensions
corpus = [f"text of chunk {row}" for row in range(chunks)]
pairs = Dataset.from_dict(
    {"query": [f"query {row}" for row in range(queries)], "positive": [f"text of chunk {row}" for row in range(queries)]}
)
start = time.perf_counter()
mined = mine_hard_negatives(
    pairs, model, corpus=corpus, relative_margin=0.05, num_negatives=3, use_faiss=False, verbose=False
)
seconds = time.perf_counter() - start
peak = peak_mebibytes()
version = f"sentence-transformers {sentence_transformers.__version__}, PyTorch {torch.__version__}"
print(json.dumps({"version": version, "seconds": seconds, "peakMebibytes": peak, "rows": len(mined)}))
