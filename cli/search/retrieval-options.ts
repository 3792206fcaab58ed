import { VectormillError } from '../../core/errors.js';
import { DEFAULT_ALPHA, RANK_CONSTANT } from '../../core/search/fusion.js';
import type { Fusion } from '../../engine/search/fuse-stages.js';
import type { OptionDefinition } from '../define-command.js';
import { nonEmpty, numberWithin, oneOf, wholeNumber } from '../option-values.js';

export const SEARCH_MODES = ['dense', 'bm25', 'hybrid'] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

/** The largest number of rows that a search returns or scores again. */
export const MAX_ROWS = 1000;
const DEFAULT_RERANK_TOP = 50;
const DEFAULT_CANDIDATES = 100;

/** The stages that find and order rows, according to the options. */
export interface RetrievalPlan {
  mode: SearchMode;
  fusion: Fusion;
  candidates: number;
  rerank: { source: string; top: number } | undefined;
}

/**
 * Returns the options that `readRetrievalPlan` reads. `rows` names what is searched, and `top` says
 * how many are wanted.
 */
export function retrievalOptions(rows: string, top: string): readonly OptionDefinition[] {
  return [
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
      description: `${rows} that each stage of hybrid hands on, at least ${top} (default: ${DEFAULT_CANDIDATES})`,
      parse: wholeNumber(1, 10_000),
    },
    {
      flags: '--rerank <model>',
      description: `cross-encoder that scores the first ${rows} again: a path to its folder, or its name`,
      parse: nonEmpty,
    },
    {
      flags: '--rerank-top <n>',
      description: `${rows} that --rerank scores (default: ${DEFAULT_RERANK_TOP})`,
      parse: wholeNumber(1, MAX_ROWS),
    },
  ];
}

/** Errors: USAGE for options that do not go together. */
export function readRetrievalPlan(options: Readonly<Record<string, unknown>>): RetrievalPlan {
  const { mode, fusion, alpha, candidates, rerank, rerankTop } = options;
  if (mode !== 'hybrid' && (fusion ?? alpha ?? candidates) !== undefined)
    throw optionsClash('--fusion, --alpha and --candidates are for two stages', 'Give --mode hybrid, too.');
  if (fusion === 'rrf' && alpha !== undefined)
    throw optionsClash('--fusion rrf counts ranks and has no --alpha', 'Leave one of the two out.');
  if (rerankTop !== undefined && rerank === undefined)
    throw optionsClash('--rerank-top says how many to score, and no model does', 'Give --rerank <model>.');
  return {
    mode: mode as SearchMode,
    fusion:
      fusion === 'rrf'
        ? { kind: 'rrf' }
        : { kind: 'alpha', alpha: (alpha as number | undefined) ?? DEFAULT_ALPHA },
    candidates: (candidates as number | undefined) ?? DEFAULT_CANDIDATES,
    rerank:
      rerank === undefined
        ? undefined
        : { source: String(rerank), top: (rerankTop as number | undefined) ?? DEFAULT_RERANK_TOP },
  };
}

/** Returns the parts of a plan that are reported to a program. */
export function describeRetrieval({ mode, fusion, candidates, rerank }: RetrievalPlan) {
  return { mode, ...(mode === 'hybrid' && { fusion, candidates }), ...(rerank && { rerank }) };
}

/** Returns the plan in a few words: `hybrid, alpha 0.7`. */
export function retrievalText({ mode, fusion, rerank }: RetrievalPlan): string {
  const fused = fusion.kind === 'rrf' ? 'rrf' : `alpha ${fusion.alpha}`;
  const parts = [
    mode,
    ...(mode === 'hybrid' ? [fused] : []),
    ...(rerank ? [`first ${rerank.top} reranked`] : []),
  ];
  return parts.join(', ');
}

export function optionsClash(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'cli', remedy });
}
