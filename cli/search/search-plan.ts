import { VectormillError } from '../../core/errors.js';
import { type Filter, parseFilter } from '../../core/search/filter.js';
import { DEFAULT_ALPHA, RANK_CONSTANT } from '../../core/search/fusion.js';
import type { Fusion } from '../../engine/search/fuse-stages.js';
import type { OptionDefinition } from '../define-command.js';
import { nonEmpty, numberWithin, oneOf, repeated, wholeNumber } from '../option-values.js';

export const SEARCH_MODES = ['dense', 'bm25', 'hybrid'] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

const MOST_CHUNKS = 1000;
const DEFAULT_RERANK_TOP = 50;
const DEFAULT_CANDIDATES = 100;

/** What a search is to do, as its options say it. */
export interface SearchPlan {
  mode: SearchMode;
  top: number;
  fusion: Fusion;
  candidates: number;
  /** The index that the dense stage asks; without it, every vector is compared. */
  index: string | undefined;
  filters: readonly Filter[];
  rerank: { source: string; top: number } | undefined;
  explain: boolean;
}

/** The options that `readSearchPlan` reads. */
export const SEARCH_OPTIONS: readonly OptionDefinition[] = [
  { flags: '--top <n>', description: 'chunks to show', fallback: 5, parse: wholeNumber(1, MOST_CHUNKS) },
  {
    flags: '--mode <mode>',
    description: 'dense: nearest vectors; bm25: the words of the query; hybrid: both, fused',
    fallback: 'dense',
    parse: oneOf(SEARCH_MODES),
  },
  {
    flags: '--fusion <kind>',
    description: `how hybrid fuses: alpha (weighted scores) or rrf (reciprocal ranks, constant ${RANK_CONSTANT}) (default: alpha)`,
    parse: oneOf(['alpha', 'rrf']),
  },
  {
    flags: '--alpha <share>',
    description: `weight of the dense score in hybrid, 0 to 1; BM25 has the rest (default: ${DEFAULT_ALPHA})`,
    parse: numberWithin(0, 1),
  },
  {
    flags: '--candidates <n>',
    description: `chunks that each stage of hybrid hands on, at least --top (default: ${DEFAULT_CANDIDATES})`,
    parse: wholeNumber(1, 10_000),
  },
  {
    flags: '--index <name>',
    description:
      'find the nearest vectors by this index of the version; the score is of its metric (default: none, exact cosine)',
    parse: nonEmpty,
  },
  {
    flags: '--filter <condition>',
    description:
      'only chunks whose field meets it: key=value, key!=value, or key>=number (also <=, >, <, and dates); may be given again, and then all must hold',
    parse: repeated,
  },
  {
    flags: '--rerank <model>',
    description: 'cross-encoder that scores the first chunks again: a path to its folder, or its name',
    parse: nonEmpty,
  },
  {
    flags: '--rerank-top <n>',
    description: `chunks that --rerank scores (default: ${DEFAULT_RERANK_TOP})`,
    parse: wholeNumber(1, MOST_CHUNKS),
  },
  { flags: '--explain', description: 'also show the rank and score of each chunk in every stage' },
];

/** Errors: USAGE for options that do not go together, and for a filter that is none. */
export function readSearchPlan(options: Readonly<Record<string, unknown>>): SearchPlan {
  const { mode, fusion, alpha, candidates, rerank, rerankTop, model, index } = options;
  const isHybrid = mode === 'hybrid';
  if (!isHybrid && (fusion ?? alpha ?? candidates) !== undefined)
    throw usage('--fusion, --alpha and --candidates are for two stages', 'Give --mode hybrid, too.');
  if (fusion === 'rrf' && alpha !== undefined)
    throw usage('--fusion rrf counts ranks and has no --alpha', 'Leave one of the two out.');
  if (mode === 'bm25' && (model ?? index) !== undefined)
    throw usage('--mode bm25 takes no --model and no --index', 'Leave them out, or give --mode hybrid.');
  if (rerankTop !== undefined && rerank === undefined)
    throw usage('--rerank-top says how many chunks to score, and no model does', 'Give --rerank <model>.');
  return {
    mode: mode as SearchMode,
    top: Number(options.top),
    fusion:
      fusion === 'rrf'
        ? { kind: 'rrf' }
        : { kind: 'alpha', alpha: (alpha as number | undefined) ?? DEFAULT_ALPHA },
    candidates: (candidates as number | undefined) ?? DEFAULT_CANDIDATES,
    index: index as string | undefined,
    filters: ((options.filter as string[] | undefined) ?? []).map(parseFilter),
    rerank:
      rerank === undefined
        ? undefined
        : { source: String(rerank), top: (rerankTop as number | undefined) ?? DEFAULT_RERANK_TOP },
    explain: options.explain === true,
  };
}

function usage(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'cli', remedy });
}
