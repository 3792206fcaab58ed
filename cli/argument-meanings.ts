/** The meaning of an argument or option that names a model. */
export const MODEL_MEANING =
  'a pulled model by name (such as organisation/name), a path to its folder, or a .yaml file with what a job has under `model`';

/** The meaning of each argument. The same word means the same in every command. */
const MEANINGS: Readonly<Record<string, string>> = {
  'job.yaml': 'the job file; docs/job-spec.md lists its keys',
  'mining.yaml': 'the mining job file; docs/mining-job.md lists its keys',
  'schedule.yaml': 'the schedule file; docs/schedule-file.md lists its keys',
  'schedule|schedule.yaml': "the schedule's name, or its file",
  'schedule|dataset[@version]':
    'the name of a schedule; or a dataset, and its version (default: the one started last)',
  'dataset[@version]': 'the dataset of the job, and its version (default: the one started last)',
  dataset: 'the dataset; or its whole place, such as s3://bucket/prefix/handbook or ./out/handbook',
  'dataset[@ref]': 'the dataset, and a ref of it (default: `current`); or its whole place',
  'dataset[@ref|version]':
    'the dataset, and a ref or version of it (default: the ref `current`); or its whole place, such as s3://bucket/prefix/handbook@v1 or ./out/handbook',
  'dataset[@ref|version]|file.parquet':
    'the dataset, and a ref or version of it (default: the ref `current`), or its whole place; or a Parquet file by path or URI',
  path: 'a BEIR folder, SQuAD-style JSON, sentence pairs (CSV, TSV, JSONL), or judgements (qrels); a path or URI, files plain, .gz or .zst',
  input:
    'a folder, a file or a URI: JSONL, Parquet, CSV, TSV, SQuAD JSON, text, Markdown, HTML; files plain, .gz or .zst',
  uri: 'a folder, or s3://bucket/prefix, that is empty or does not exist',
  query: 'the text to search for',
  model: MODEL_MEANING,
  name: 'the model: organisation/name of the hub, or with @revision; or one of the names that `model list` shows',
  models:
    'the root of the objects, as a job has it under `models`: s3://bucket/prefix, file:///path or a path',
  shell: 'the shell that completes',
};

/** Returns the description of an argument, given in commander's notation, `<name>` or `[name]`. */
export function argumentMeaning(argument: string): string {
  return MEANINGS[argument.slice(1, -1)] ?? '';
}
