import type { ChunkRow } from '../../core/chunk.js';
import type { ScoredRow } from '../../core/top-k.js';
import type { CrossEncoder } from '../model/cross-encoder.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { DenseStage } from './dense-stage.js';
import { type Fusion, fuseStages } from './fuse-stages.js';
import type { LexicalIndex } from './lexical-index.js';
import { rowsByWords } from './lexical-scores.js';
import { lexicalTextOf } from './lexical-terms.js';
import { readChunksAt } from './read-chunks.js';
import type { StagedHit, StagedRow } from './staged-hit.js';

/** The way in which chunks are found: by one stage, or by two whose rankings are fused. */
export type Retrieval =
  | { mode: 'dense'; dense: DenseStage }
  | { mode: 'bm25'; lexical: LexicalIndex }
  | { mode: 'hybrid'; dense: DenseStage; lexical: LexicalIndex; fusion: Fusion };

export interface Rerank {
  encoder: CrossEncoder;
  /** The number of chunks that are scored. */
  top: number;
  /**
   * Is called with the number of chunks that are scored so far, and the number of all that will be.
   */
  onChunks?: ((done: number, total: number) => void) | undefined;
}

export interface StagedSearch {
  query: string;
  /** The number of chunks that are returned. */
  top: number;
  retrieval: Retrieval;
  /** The number of rows that each stage of a hybrid search passes on. */
  candidates: number;
  /** `[rows]`: 1 for rows that may be found. Without it, all rows may be found. */
  allowed?: Uint8Array | undefined;
  /**
   * Scores the first `top` rows again, and puts them in the order of these scores. The other rows
   * follow.
   */
  rerank?: Rerank | undefined;
  /** Is called with the number of rows whose vectors were compared so far. */
  onRows?: ((done: number) => void) | undefined;
}

export interface SearchResult {
  hits: StagedHit[];
  /** The number of tokens of the query that the model read; absent without a dense stage. */
  queryTokens?: number;
  /** The number of rows that word search passed on; absent without word search. */
  rowsByWords?: number;
}

/**
 * Runs the stages of a search over a version, one after the other. A row is a chunk's number in the
 * version. Errors: those of the dense stage; CHECKSUM_MISMATCH, FILE_DAMAGED; USAGE for a
 * cross-encoder with several labels.
 */
export async function searchStages(version: ReadableVersion, search: StagedSearch): Promise<SearchResult> {
  const depth = Math.max(search.top, search.rerank?.top ?? 0);
  const { rows: all, ...counts } = await retrieve(search, depth);
  const found = all.slice(0, depth);
  const rows = await readChunksAt(
    version,
    found.map(({ row }) => row),
  );
  const { query, rerank: asked } = search;
  const ranked = asked ? await rerank(version, { found, rows }, { query, asked }) : found;
  const hits = ranked.slice(0, search.top).map(({ row, score, stages }, index): StagedHit => {
    const { chunkId, docId, title, text, metadata } = rows.get(row)!;
    return {
      rank: index + 1,
      score,
      chunkId,
      docId,
      ...(title === undefined ? {} : { title }),
      text,
      ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as Record<string, unknown> }),
      stages,
    };
  });
  return { hits, ...counts };
}

interface Found extends Pick<SearchResult, 'queryTokens' | 'rowsByWords'> {
  rows: readonly StagedRow[];
}

async function retrieve(search: StagedSearch, depth: number): Promise<Found> {
  const { retrieval, query, allowed, onRows } = search;
  if (retrieval.mode === 'dense') {
    const { nearest, queryTokens } = await retrieval.dense(query, { k: depth, allowed, onRows });
    return { rows: stagedAs('dense', nearest), queryTokens };
  }
  const scores = await retrieval.lexical.scores(query);
  const k = retrieval.mode === 'hybrid' ? Math.max(search.candidates, depth) : depth;
  const { tieBreak } = retrieval.lexical;
  const byWords = rowsByWords(scores, k, { allowed, tieBreak });
  if (retrieval.mode === 'bm25') return { rows: stagedAs('bm25', byWords), rowsByWords: byWords.length };
  const also = new Set(byWords.map(({ row }) => row));
  const found = await retrieval.dense(query, { k, allowed, also, onRows });
  const { nearest: dense, queryTokens } = found;
  const denseScores = new Map([...found.scores, ...dense.map(({ row, score }) => [row, score] as const)]);
  const rankings = { dense, lexical: byWords, denseScores, scores };
  const rows = fuseStages(rankings, retrieval.fusion, tieBreak);
  return { rows, queryTokens, rowsByWords: byWords.length };
}

function stagedAs(stage: 'dense' | 'bm25', ranking: readonly ScoredRow[]): StagedRow[] {
  return ranking.map(({ row, score }, index) => ({
    row,
    score,
    stages: { [stage]: { score, rank: index + 1 } },
  }));
}

async function rerank(
  version: ReadableVersion,
  { found, rows }: { found: readonly StagedRow[]; rows: ReadonlyMap<number, ChunkRow> },
  { query, asked }: { query: string; asked: Rerank },
): Promise<readonly StagedRow[]> {
  const { encoder, top, onChunks } = asked;
  const first = found.slice(0, top);
  const textOf = lexicalTextOf(version);
  let done = 0;
  const ranked = await encoder.rank(
    query,
    first.map(({ row }) => textOf(rows.get(row)!)),
    {
      onProgress: (progress) => {
        done += progress.rows;
        onChunks?.(done, first.length);
      },
    },
  );
  const again = ranked.map(({ index, score }, place): StagedRow => {
    const { row, stages } = first[index]!;
    return { row, score, stages: { ...stages, rerank: { score, rank: place + 1 } } };
  });
  return [...again, ...found.slice(top)];
}
