"""Times OpenVINO with a model that NNCF quantised to int8, one stream a thread, fed by its asynchronous queue.

Texts are tokenised and sorted by length, as sentence-transformers does; pooling and normalisation are done in numpy
while the next batches run. Speaks as sentence_transformers_peer.py does; keeps the quantised model in "exports".
"""

import json
import os
import sys
import time

import nncf
import numpy
import openvino
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

job = json.loads(sys.stdin.readline())
# Exporters print their progress; the answers are alone on the real output.
answers, sys.stdout = sys.stdout, sys.stderr
texts = job["texts"]
tokenizer = Tokenizer.from_file(os.path.join(job["model"], "tokenizer.json"))
with open(os.path.join(job["model"], "sentence_bert_config.json")) as file:
    limit = json.load(file)["max_seq_length"]
tokenizer.enable_truncation(limit)
tokenizer.enable_padding()


def feed(rows):
    encodings = tokenizer.encode_batch(rows)
    ids = numpy.array([encoding.ids for encoding in encodings], dtype=numpy.int64)
    mask = numpy.array([encoding.attention_mask for encoding in encodings], dtype=numpy.int64)
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}


path = os.path.join(job["exports"], os.path.basename(job["model"]) + "-openvino-int8", "model.xml")
core = openvino.Core()
if not os.path.exists(path):
    plain = SentenceTransformer(job["model"], backend="openvino", device="cpu")
    plain.save_pretrained(os.path.dirname(os.path.dirname(path)) + "/openvino")
    source = core.read_model(os.path.dirname(os.path.dirname(path)) + "/openvino/openvino/openvino_model.xml")
    sample = nncf.Dataset(texts[:300], lambda text: feed([text]))
    quantised = nncf.quantize(source, sample, model_type=nncf.ModelType.TRANSFORMER, subset_size=300)
    openvino.save_model(quantised, path)

streams = job["threads"]
settings = {"NUM_STREAMS": str(streams), "INFERENCE_NUM_THREADS": str(job["threads"])}
compiled = core.compile_model(path, "CPU", settings)
queue = openvino.AsyncInferQueue(compiled, streams)
vectors = numpy.zeros((len(texts), compiled.output(0).partial_shape[2].get_length()), dtype=numpy.float32)


def keep(request, work):
    rows, mask = work
    hidden = request.get_output_tensor(0).data
    weights = mask[:, :, None].astype(numpy.float32)
    pooled = (hidden * weights).sum(1) / numpy.maximum(weights.sum(1), 1e-9)
    vectors[rows] = pooled / numpy.maximum(numpy.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)


queue.set_callback(keep)


def encode(chosen):
    order = sorted(range(len(chosen)), key=lambda row: -len(chosen[row]))
    for start in range(0, len(order), job["batch_size"]):
        rows = order[start : start + job["batch_size"]]
        inputs = feed([chosen[row] for row in rows])
        queue.start_async(inputs, (rows, inputs["attention_mask"]))
    queue.wait_all()


encode(texts[: job["batch_size"]])
tokenizer.no_padding()
tokens = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts))
tokenizer.enable_padding()
version = f"OpenVINO {openvino.__version__}, NNCF {nncf.__version__}"
print(json.dumps({"version": version, "tokens": tokens}), file=answers, flush=True)

for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    encode(texts)
    answer = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(answer), file=answers, flush=True)
