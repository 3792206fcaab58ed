/** The smallest schedule possible: it only embeds. */
export const SMALL_SCHEDULE = `name: nightly
cron: "0 2 * * *"
job:
  dataset: handbook
  input: ./docs/decisions
  output: s3://vectormill/vectors
  model: all-MiniLM-L6-v2
`;

/** A schedule with every key of its own. The keys `job` and `mine` contain further keys. */
export const FULL_SCHEDULE = `name: nightly
cron: ["0 2 * * MON-FRI", "0 6 * * SAT"]
timezone: Europe/Berlin
catchup_window: 6h
jitter: 5m
job:
  dataset: handbook
  input: s3://corpora/handbook/
  output: s3://vectors
  ref: current
  model: all-MiniLM-L6-v2
mine:
  name: hard
  pairs: s3://corpora/handbook-questions.jsonl
  mining:
    preset: 95-percent
full_every: 30
index:
  name: main
  metric: cosine
  recall: 0.95
  precision: int8
  memory: 4GB
  m: 16
  ef_construction: 100
  shard_rows: 100000
  exact_below: 20000
`;
