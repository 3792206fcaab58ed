import { VectormillError } from '../../core/errors.js';
import type { MiningSpec, PairFormat, QuerySource } from '../../core/mining/mining-spec.js';
import {
  rangeProblem,
  SELECTION_PRESETS,
  type SelectionOptions,
} from '../../core/mining/selection-options.js';
import { extensionOf } from '../corpus/detect-format.js';
import { describeIssues } from './describe-issues.js';
import { type MiningDraft, miningSchema } from './mining-schema.js';
import { absolutePath, absoluteUri } from './parse-job.js';
import { type FileKind, readMapping } from './read-yaml.js';

const MINING_FILE: FileKind = {
  component: 'job',
  name: 'the mining job file',
  least: '`dataset` and `output`',
  page: 'docs/mining-job.md',
};

const FORMAT_OF_EXTENSION: Readonly<Record<string, PairFormat>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  parquet: 'parquet',
  pq: 'parquet',
};

/**
 * Parses the text of a mining job file as a job whose `version` may still be a ref. Relative paths
 * are taken from the file's folder. Errors: JOB_INVALID naming every offending field.
 */
export function parseMiningJob(text: string, file: string): MiningSpec {
  return readMiningJob(readMapping(text, file, MINING_FILE), file);
}

/** Does the same for values that a file holds. */
export function readMiningJob(values: unknown, file: string): MiningSpec {
  const parsed = miningSchema.safeParse(values);
  if (!parsed.success) throw invalid(file, describeIssues(parsed.error.issues, values));
  const draft = parsed.data;
  const { cross_encoder: stage, split, near_duplicate: nearDuplicate } = { ...draft, ...draft.mining };
  if (draft.mining.include_positives && draft.format !== 'n-tuple')
    throw invalid(file, '`mining.include_positives` gives rankings, and needs `format: n-tuple`');
  const selection = selectionOf(draft, file);
  const problem = rangeProblem(selection);
  if (problem) throw invalid(file, `\`mining\`: ${problem}`);
  return {
    output: absoluteUri(draft.output, file),
    dataset: draft.dataset,
    version: draft.version,
    name: draft.name,
    source: sourceOf(draft, file),
    selection,
    ...(draft.candidates === 'exact' ? {} : { candidateIndex: draft.candidates.index }),
    ...(nearDuplicate === 'off' ? {} : { nearDuplicate }),
    ...(stage && {
      crossEncoder: {
        model: absolutePath(stage.model, file),
        top: stage.top,
        minBiScore: stage.min_bi_score,
        maxCrossScore: stage.max_cross_score,
      },
    }),
    ...(draft.models !== undefined && { models: absoluteUri(draft.models, file) }),
    format: draft.format,
    scores: draft.scores,
    split: { devShare: split.dev_share, seed: split.seed },
    exports: [...new Set(draft.exports)].sort(),
    unknownShare: draft.limits.unknown_share,
  };
}

function selectionOf({ mining }: MiningDraft, file: string): SelectionOptions {
  const preset = mining.preset && SELECTION_PRESETS[mining.preset];
  if (preset && mining.relative_margin !== undefined)
    throw invalid(file, '`mining.preset` and `mining.relative_margin` say the same; give one of them');
  return {
    rangeMin: mining.range_min,
    rangeMax: mining.range_max,
    maxScore: mining.max_score,
    minScore: mining.min_score,
    absoluteMargin: mining.absolute_margin,
    relativeMargin: mining.relative_margin,
    numNegatives: mining.num_negatives,
    sampling: mining.sampling,
    seed: mining.seed,
    includePositives: mining.include_positives,
    ...preset,
  };
}

function sourceOf({ pairs, beir }: MiningDraft, file: string): QuerySource {
  if (pairs && beir)
    throw invalid(file, '`pairs` and `beir` both say what the queries are; give one of them');
  if (beir)
    return {
      kind: 'beir',
      queries: absoluteUri(beir.queries, file),
      qrels: absoluteUri(beir.qrels, file),
      minRelevance: beir.min_relevance,
    };
  if (!pairs) return { kind: 'titles' };
  const { query, positive, query_id: queryId } = pairs.columns;
  const format = pairs.format === 'auto' ? FORMAT_OF_EXTENSION[extensionOf(pairs.uri)] : pairs.format;
  if (!format) throw invalid(file, `\`pairs.uri\`: the extension says no format; set \`pairs.format\``);
  return { kind: 'pairs', uri: absoluteUri(pairs.uri, file), format, columns: { query, positive, queryId } };
}

function invalid(file: string, message: string): VectormillError {
  return new VectormillError('JOB_INVALID', `${file}: ${message}`, {
    component: 'job',
    file,
    remedy: 'Mend the job file; docs/mining-job.md lists every key.',
  });
}
