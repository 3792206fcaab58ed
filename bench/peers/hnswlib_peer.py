"""Builds and searches an HNSW graph with hnswlib for bench/index-speed.ts.

Reads one line {"rows", "queries", "dimensions", "m", "ef_construction", "threads"}, where rows and queries are files of
float32, and answers {"version"}. Then, for every further line: {"build": true} builds the graph anew and answers
{"seconds", "cpuSeconds"}; {"ef": n} looks for the 10 nearest of each query, one at a time on one thread, and answers
{"keys", "milliseconds"}, a list each.
"""

import importlib.metadata
import json
import sys
import time

import hnswlib
import numpy

job = json.loads(sys.stdin.readline())
dimensions = job["dimensions"]
rows = numpy.fromfile(job["rows"], dtype=numpy.float32).reshape(-1, dimensions)
queries = numpy.fromfile(job["queries"], dtype=numpy.float32).reshape(-1, dimensions)
version = f"hnswlib {importlib.metadata.version('hnswlib')}, NumPy {numpy.__version__}"
print(json.dumps({"version": version}), flush=True)

graph = None
for line in sys.stdin:
    task = json.loads(line)
    if "build" in task:
        graph = hnswlib.Index(space="cosine", dim=dimensions)
        start, cpu = time.perf_counter(), time.process_time()
        graph.init_index(max_elements=len(rows), M=job["m"], ef_construction=job["ef_construction"])
        graph.add_items(rows, num_threads=job["threads"])
        answer = {"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu}
    else:
        graph.set_ef(task["ef"])
        keys, milliseconds = [], []
        for query in queries:
            start = time.perf_counter()
            labels, _ = graph.knn_query(query, k=10, num_threads=1)
            milliseconds.append((time.perf_counter() - start) * 1e3)
            keys.append([int(label) for label in labels[0]])
        answer = {"keys": keys, "milliseconds": milliseconds}
    print(json.dumps(answer), flush=True)
