/**
 * Every command line that README and the reference pages show, in blocks of lines that are run
 * together.
 */
export const EXAMPLES = {
  /**
   * These run while only the queue `control` is served, so that the job waits for a worker that
   * embeds.
   */
  withoutWorkers: `
  run job.yaml --dry-run
  run job.yaml --detach --json
  status handbook
  status handbook@2026-11 --json
  list --limit 5 --json
  pause handbook
  resume handbook
  pause handbook@2026-11 --json
  resume handbook@2026-11 --json
  cancel handbook`,

  /** These begin a job again once it has been cancelled, and cancel it. */
  cancelledAgain: `
  run job.yaml --detach --json
  cancel handbook@2026-11 --json`,

  /** These run with a worker for all queues. They begin with what the page of README does first. */
  jobs: `
  embed ./docs
  embed corpus.jsonl --output ./out --precision int8 --json
  embed ./docs --dataset handbook --version v2 --print-job
  model pull all-MiniLM-L6-v2
  model pull all-MiniLM-L6-v2 --json
  run job.yaml --version 2026-12
  run job.yaml
  run job.yaml --local
  run job.yaml --allow-deletes 2000
  promote handbook@2026-11
  status handbook
  list
  list --status
  list --status failed
  verify handbook --output s3://vectormill/vectors
  search handbook "What does a crash cost?" --output s3://vectormill/vectors`,

  /**
   * These run over the versions v1 and v2 of `handbook`, at three places, and the other data that
   * the examples name.
   */
  datasets: `
  doctor
  doctor --model ./my-model --output s3://bucket/prefix --json
  completion bash
  completion zsh --json
  index build handbook --name main
  index build handbook --name small --precision binary --metric cosine
  index build s3://bucket/prefix/handbook@v1 --name fine --recall 0.99 --json
  index build s3://bucket/prefix/handbook --temporal
  index build ./out/handbook@v1 --name main
  index list handbook
  gc handbook
  gc handbook --keep 7 --age 30d --delete
  gc s3://bucket/prefix/handbook --history 1 --json
  index list ./out/handbook@v1 --json
  index verify handbook --name main
  index verify ./out/handbook@v1 --name main --json
  inspect handbook
  inspect handbook@v1 --files --json
  files handbook
  files handbook@v1 --json
  files handbook --query duckdb
  files s3://bucket/prefix/handbook@v1 --query polars
  export handbook ./handbook-parquet
  export s3://bucket/prefix/handbook@v1 s3://bucket/exports/handbook-v1 --json
  rejects handbook
  rejects handbook@v2 --limit 1000 --json
  search handbook "how are refs moved?"
  search s3://bucket/prefix/handbook@v1 "who may approve leave" --top 10 --json
  search handbook "how are refs moved?" --index main --filter language=en
  search handbook "leave in 2024" --mode hybrid --alpha 0.5 --filter "year>=2020" --filter language=en
  search handbook "who may approve leave" --mode hybrid --rerank ./my-cross-encoder --explain
  search handbook "who may approve leave"
  search handbook "error E1042" --mode bm25
  search handbook "who may approve leave" --mode hybrid
  search handbook "who may approve leave" --mode hybrid --fusion rrf
  search handbook "leave" --filter "year>=2020" --filter language=en
  search handbook "who may approve leave" --mode hybrid --index main
  search papers "90% of sudden infant death syndrome deaths happen in newborns aged less than 6 months" \\
    --mode hybrid --top 3 --rerank ./minilm-l6-cross-encoder --rerank-top 20 --explain
  verify handbook
  verify handbook --quick
  verify ./out/handbook@v1 --no-probe --json
  refs list handbook
  refs list s3://bucket/prefix/handbook --json
  promote handbook@v2 --ref next --expect 0
  promote handbook@candidate
  rollback handbook
  promote handbook@candidate
  rollback handbook --hold
  refs log handbook
  refs log handbook@candidate --json
  refs release handbook
  rollback handbook --to v1 --hold
  refs release handbook@current --json
  promote s3://bucket/prefix/handbook@v1 --ref current --json
  promote handbook@v1 --force
  rollback s3://bucket/prefix/handbook@current --to v1 --json
  mine mine.yaml
  mine mine.yaml --local --model ./my-model --json
  mine mine.yaml --temporal --concurrency 8
  mine mine.yaml --temporal`,

  /** These need no worker, but a hub from which models are pulled. */
  models: `
  model pull BAAI/bge-small-en-v1.5
  model list
  model list --json
  model push BAAI/bge-small-en-v1.5 s3://bucket/models
  model push all-MiniLM-L6-v2 s3://bucket/models --json
  model remove BAAI/bge-small-en-v1.5
  model pull BAAI/bge-small-en-v1.5@main --file onnx/model.onnx --json
  model remove BAAI/bge-small-en-v1.5@main
  model pull BAAI/bge-small-en-v1.5
  model remove BAAI/bge-small-en-v1.5 --json
  model convert all-MiniLM-L6-v2
  model convert all-MiniLM-L6-v2 --precision int8
  model convert ./my-model --output my-model.onnx --overwrite
  model show all-MiniLM-L6-v2
  model show ./my-model --max-tokens 128 --json
  model show ./my-model --file onnx/model_quantized.onnx
  encode --model all-MiniLM-L6-v2 --input texts.jsonl --output vectors.parquet
  inspect vectors.parquet
  encode --model ./my-model --file onnx/model_quantized.onnx --input texts.jsonl --output quantized.parquet
  encode --model all-MiniLM-L6-v2 --input texts.jsonl --output int8.parquet --vector-precision int8
  encode --model ./my-model --input s3://bucket/texts.jsonl.gz --output vectors.parquet --max-tokens 32 --prompt "query: " --overwrite --json
  eval ./scifact --model all-MiniLM-L6-v2
  eval squad-dev.json --kind squad-answers --model all-MiniLM-L6-v2 --json
  eval sts-test.csv --model ./my-model --max-tokens 128
  eval qrels.txt --corpus corpus.jsonl.gz --queries queries.jsonl --model ./my-model --k 10,100
  eval ./scifact --mode hybrid --model all-MiniLM-L6-v2
  eval qrels.txt --run bm25.run
  eval qrels.txt --corpus corpus.jsonl --queries queries.jsonl --model ./my-model
  eval ./scifact --mode bm25
  eval ./scifact --mode hybrid --fusion rrf --model all-MiniLM-L6-v2 --split train
  eval squad-dev.json --model ./my-model
  eval squad-dev.json --kind squad-answers --model ./my-model
  eval sts-test.csv --model ./my-model
  eval xquad.en.json --model all-MiniLM-L6-v2
  rank --model ./my-cross-encoder --query "who may approve leave" --input documents.jsonl --top 10
  rank --model ./my-cross-encoder --pairs pairs.jsonl --output scores.jsonl
  rank --model ./my-cross-encoder --pairs pairs.jsonl --output logits.jsonl --activation Identity --json`,

  /** These run with a worker, after a first night is complete. */
  nights: `
  schedule create nightly.yaml --replace --json
  schedule list
  schedule list --json
  schedule trigger nightly --wait
  status nightly
  schedule pause nightly
  schedule pause nightly.yaml --json
  night nightly.yaml
  night nightly.yaml --local --at now
  night nightly.yaml --temporal --json
  night nightly.yaml --allow-deletes 2000
  schedule resume nightly.yaml --json`,

  /** This begins a night that waits for workers. */
  nightTriggered: 'schedule trigger nightly.yaml --json',

  /** Each of these ends a night that waits for workers. */
  nightsCancelled: `
  schedule cancel nightly
  schedule cancel nightly.yaml --json`,

  schedulesDeleted: `
  schedule delete nightly
  schedule create nightly.yaml
  schedule delete nightly.yaml --json`,

  /** These continue a night that failed, and are refused where the last night is complete. */
  nightContinued: `
  schedule resume nightly --continue
  schedule resume nightly --continue --allow-deletes 2000`,

  /**
   * These need a GPU. Without one, a worker is refused with the name of what is missing, and
   * `doctor` finds it missing.
   */
  onAGpu: `
  worker --queues embed-gpu --provider cuda --sessions 3
  doctor --provider cuda`,

  /**
   * This computes a vector for every word of the model's vocabulary, so the model is given a short
   * one.
   */
  distilled: 'model distill ./my-model --output ./my-static --dimensions 128 --overwrite --json',

  /**
   * This takes as long as all other examples of models together, and is not run:
   * `./my-model`, which is distilled with more options, has the same weights.
   */
  notRun: 'model distill all-MiniLM-L6-v2 --output ./minilm-static',

  /** These end only when they are asked to. */
  workers: `
  worker
  worker --queues chunk-cpu,embed-cpu`,

  /** This ends a mining that waits for workers. */
  miningCancelled: 'cancel handbook@2026-11 --triplets triplets',
} as const;
