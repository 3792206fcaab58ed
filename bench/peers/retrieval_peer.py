"""Scores a model by sentence-transformers' own InformationRetrievalEvaluator for bench/training-proof.ts.

One argument, JSON: {"model", "beir", "threads"}; "beir" is a folder of corpus.jsonl, queries.jsonl and qrels/test.tsv. Texts are
title, space, text, stripped, as BEIR has them. Prints {"ndcg@10"}.
"""

import csv
import json
import sys
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
folder = Path(job["beir"])


def lines(name):
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines() if line]


relevant = {}
with (folder / "qrels" / "test.tsv").open(encoding="utf-8") as file:
    for row in csv.DictReader(file, delimiter="\t"):
        if int(row["score"]) > 0:
            relevant.setdefault(row["query-id"], set()).add(row["corpus-id"])
corpus = {row["_id"]: f"{row.get('title', '')} {row['text']}".strip() for row in lines("corpus.jsonl")}
queries = {row["_id"]: row["text"] for row in lines("queries.jsonl") if row["_id"] in relevant}
evaluator = InformationRetrievalEvaluator(queries, corpus, relevant, ndcg_at_k=[10], show_progress_bar=True)
scores = evaluator(SentenceTransformer(job["model"], device="cpu"))
print(json.dumps({"ndcg@10": next(value for name, value in scores.items() if name.endswith("cosine_ndcg@10"))}))
