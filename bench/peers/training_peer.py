"""Fine-tunes a model on triplets for bench/training-proof.ts, as docs/recipes/training-triplets.md does.

One argument, JSON: {"model", "train", "output", "seed", "epochs", "batchSize", "learningRate", "threads"}, where "train" is a
folder of Parquet files. Saves the trained model as "output" and prints {"version", "rows", "steps", "seconds", "loss"}.
"""

import json
import sys

import sentence_transformers
import torch
from datasets import load_dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from transformers import set_seed

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
set_seed(job["seed"])
model = SentenceTransformer(job["model"], device="cpu")
rows = load_dataset(job["train"], split="train")
arguments = SentenceTransformerTrainingArguments(
    output_dir=job["output"],
    num_train_epochs=job["epochs"],
    per_device_train_batch_size=job["batchSize"],
    learning_rate=job["learningRate"],
    seed=job["seed"],
    use_cpu=True,
    save_strategy="no",
    report_to="none",
)
trainer = SentenceTransformerTrainer(
    model=model, args=arguments, train_dataset=rows, loss=MultipleNegativesRankingLoss(model)
)
result = trainer.train()
model.save_pretrained(job["output"])
print(
    json.dumps(
        {
            "version": f"sentence-transformers {sentence_transformers.__version__}, PyTorch {torch.__version__}",
            "rows": len(rows),
            "steps": result.global_step,
            "seconds": result.metrics["train_runtime"],
            "loss": result.training_loss,
        }
    )
)
