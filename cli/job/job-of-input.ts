import { VectormillError } from '../../core/errors.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';

/** The options of `embed`. */
export interface EmbedChoice {
  /** A folder, a file or a URI, as it was typed. */
  input: string;
  output: string;
  model: string;
  precision?: string | undefined;
  dataset?: string | undefined;
  version: string;
}

/**
 * Returns the text of the job file that `embed` stands for. Strings are in JSON's quotes, which
 * YAML reads. Errors: USAGE where no name of a dataset can be made of the input's.
 */
export function jobOfInput({ input, output, model, precision, dataset, version }: EmbedChoice): string {
  const text = JSON.stringify;
  return [
    '# job.yaml',
    `dataset: ${text(dataset ?? datasetOf(input))}`,
    `version: ${text(version)}`,
    `input: ${text(input)}`,
    `output: ${text(output)}`,
    `model: ${precision === undefined ? text(model) : `{source: ${text(model)}, precision: ${precision}}`}`,
    'chunking: {prefix: [title, headings]}',
    '',
  ].join('\n');
}

/**
 * Returns the last name of a path or URI, without its endings: `docs` of `./docs/`, `corpus` of
 * `corpus.jsonl.gz`. Errors: USAGE.
 */
function datasetOf(input: string): string {
  const last = input.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const name = (/^\.*$/.test(last) ? '' : last)
    .replace(/\.(gz|zst|zstd)$/i, '')
    .replace(/\.(jsonl|ndjson|json|parquet|csv|tsv|txt|md|markdown|html?|xhtml)$/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63);
  if (NAME_PATTERN.test(name)) return name;
  throw new VectormillError('USAGE', `no name of a dataset can be made of ${JSON.stringify(input)}`, {
    component: 'cli',
    remedy: `Give one with --dataset: ${NAME_RULE}.`,
  });
}
