/** The smallest mining job possible: the titles are the queries. */
export const SMALL_MINING_JOB = `dataset: handbook
output: s3://vectormill/vectors
`;

/** A mining job with every key but `beir`. Most values are the defaults. */
export const FULL_MINING_JOB = `dataset: handbook
version: current
output: s3://vectors
name: hard
pairs:
  uri: s3://corpora/handbook-questions.jsonl
  format: jsonl
  columns:
    query: query
    positive: positive
    query_id: query_id
candidates:
  index: main
mining:
  num_negatives: 5
  range_min: 0
  range_max: 100
  max_score: 0.9
  min_score: 0.1
  absolute_margin: 0.02
  relative_margin: 0.05
  sampling: random
  seed: 7
  include_positives: false
  near_duplicate: 0.8
cross_encoder:
  model: ./my-cross-encoder
  top: 100
  min_bi_score: 0.2
  max_cross_score: 0.5
models: s3://models
format: n-tuple
scores: true
split:
  dev_share: 0.1
  seed: 0
exports: [flagembedding, tevatron]
limits:
  unknown_share: 0.01
`;

/** A mining job over relevance judgements, with the preset. */
export const BEIR_MINING_JOB = `dataset: scifact
output: ./out
beir:
  queries: ./scifact/queries.jsonl
  qrels: ./scifact/qrels/train.tsv
  min_relevance: 1
mining:
  preset: 95-percent
`;
