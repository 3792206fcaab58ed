/**
 * The smallest job possible. It reads files that every clone has and writes to a bucket of the dev
 * stack.
 */
export const SMALL_JOB = `dataset: handbook
input: ./docs/decisions
output: s3://vectormill/vectors
model: all-MiniLM-L6-v2
`;

/** A job with every key. Most values are the defaults. */
export const FULL_JOB = `dataset: handbook
version: "2026-11"
input:
  uri: s3://corpora/handbook/
  format: auto
  include: ["**/*.jsonl", "**/*.md"]
  exclude: ["drafts/**"]
  columns:
    id: _id
    text: text
    title: title
    metadata: [url, language]
  csv:
    quote: none
    delimiter: "\\t"
  max_document_bytes: 10485760
output: s3://vectors
ref: current
reuse: [handbook@2026-10]
model:
  source: all-MiniLM-L6-v2
  file: onnx/model_fp16.onnx
  max_tokens: 256
  dimensions: 256
  precision: float16
  prompts:
    query: "query: "
    document: "passage: "
models: s3://models
parent: current
chunking:
  strategy: recursive
  max_tokens: 256
  overlap: 0
  prefix: [title, headings]
parts:
  rows: 4096
  tokens: 131072
vectors:
  precision: int8
shard_bytes: 67108864
limits:
  reject_share: 0.01
  concurrency: 8
  queue: embed-gpu
  delete_share: 0.1
  delete_documents: 10
retention:
  keep: 7
  age: 30d
  history: 5
  grace: 1h
  unfinished_after: 30d
`;

/** A job whose model a provider runs, with every key for providers. */
export const PROVIDER_JOB = `dataset: handbook
input: s3://corpora/handbook/
output: s3://vectors
model:
  source: bge-m3
  max_tokens: 8192
  provider:
    url: https://embeddings.example.com/v1
    key_env: EMBEDDINGS_KEY
    tokenizer: ./bge-m3
    space: bge-m3
    dimensions: 1024
    normalize: false
    max_batch_texts: 32
    max_batch_tokens: 32768
    concurrency: 4
    requests_per_minute: 3000
    tokens_per_minute: 1000000
    timeout_seconds: 60
    price_per_million_tokens: 0.02
    currency: USD
`;
