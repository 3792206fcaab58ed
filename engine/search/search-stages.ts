import type { ChunkRow } from '../../core/chunk.js';
import { type Candidate, reciprocalRankFusion, weightedFusion } from '../../core/search/fusion.js';
import { type ScoredRow, TopK } from '../../core/top-k.js';
import type { CrossEncoder } from '../model/cross-encoder.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { type NearestOptions, type NearestRows, readRows } from '../version/search-version.js';
import type { LexicalIndex } from './lexical-index.js';
import { lexicalTextOf } from './lexical-text.js';
import type { StagedHit, Stages } from './staged-hit.js';

/** How two rankings become one. */
export type Fusion = { kind: 'alpha'; alpha: number } | { kind: 'rrf' };

/** What finds the rows nearest to a query: `nearestRows`, or an index that keeps its promises. */
export type DenseStage = (query: string, options: NearestOptions) => Promise<NearestRows>;

/** What finds chunks: one stage, or two and how they are fused. */
export type Retrieval =
  | { mode: 'dense'; dense: DenseStage }
  | { mode: 'bm25'; lexical: LexicalIndex }
  | { mode: 'hybrid'; dense: DenseStage; lexical: LexicalIndex; fusion: Fusion };

export interface Rerank {
  encoder: CrossEncoder;
  /** Chunks to score. */
  top: number;
  /** Chunks scored so far, of all that are. */
  onChunks?: ((done: number, total: number) => void) | undefined;
}

export interface StagedSearch {
  query: string;
  /** Chunks to give. */
  top: number;
  retrieval: Retrieval;
  /** Rows that each stage of a hybrid search hands on. */
  candidates: number;
  /** `[rows]`: 1 for rows that may be found; without it, all may. */
  allowed?: Uint8Array | undefined;
  /** Scores the first `top` again and puts them in its own order, before what follows them. */
  rerank?: Rerank | undefined;
  /** Rows whose vectors were compared so far. */
  onRows?: ((done: number) => void) | undefined;
}

/** A row with what each stage has said of it. */
interface StagedRow extends ScoredRow {
  stages: Stages;
}

/**
 * Runs the stages of a search, one after the other, over a version. A row is a chunk's number in the version.
 * Errors: those of the dense stage; CHECKSUM_MISMATCH, FILE_DAMAGED; USAGE for a cross-encoder with several labels.
 */
export async function searchStages(version: ReadableVersion, search: StagedSearch): Promise<StagedHit[]> {
  const depth = Math.max(search.top, search.rerank?.top ?? 0);
  const found = (await retrieve(search, depth)).slice(0, depth);
  const rows = await readRows(
    version,
    found.map(({ row }) => row),
  );
  const { query, rerank: asked } = search;
  const ranked = asked ? await rerank(version, { found, rows }, { query, asked }) : found;
  return ranked.slice(0, search.top).map(({ row, score, stages }, index) => {
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
}

async function retrieve(search: StagedSearch, depth: number): Promise<readonly StagedRow[]> {
  const { retrieval, query, allowed, onRows } = search;
  if (retrieval.mode === 'dense') {
    const { nearest } = await retrieval.dense(query, { k: depth, allowed, onRows });
    return nearest.map(({ row, score }, index) => ({
      row,
      score,
      stages: { dense: { score, rank: index + 1 } },
    }));
  }
  const scores = await retrieval.lexical.scores(query);
  if (retrieval.mode === 'bm25') {
    return bestOf(scores, depth, allowed).map(({ row, score }, index) => ({
      row,
      score,
      stages: { bm25: { score, rank: index + 1 } },
    }));
  }
  const k = Math.max(search.candidates, depth);
  const byWords = bestOf(scores, k, allowed);
  const also = new Set(byWords.map(({ row }) => row));
  const { nearest, cosines } = await retrieval.dense(query, { k, allowed, also, onRows });
  const all = new Map([...cosines, ...nearest.map(({ row, score }) => [row, score] as const)]);
  return fuse({ dense: nearest, lexical: byWords, cosines: all, scores }, retrieval.fusion);
}

/** Rows with any word of the query, best first. */
function bestOf(scores: Float64Array, k: number, allowed: Uint8Array | undefined): ScoredRow[] {
  const best = new TopK(k);
  for (const [row, score] of scores.entries()) if (score > 0 && allowed?.[row] !== 0) best.offer(score, row);
  return best.sorted();
}

interface TwoRankings {
  dense: readonly ScoredRow[];
  lexical: readonly ScoredRow[];
  /** Of every row in either ranking. */
  cosines: ReadonlyMap<number, number>;
  /** `[rows]`. */
  scores: Float64Array;
}

function fuse({ dense, lexical, cosines, scores }: TwoRankings, fusion: Fusion): StagedRow[] {
  const denseRanks = ranksOf(dense);
  const lexicalRanks = ranksOf(lexical);
  const staged = ({ row, score }: ScoredRow, shares?: { dense: number; lexical: number }): StagedRow => ({
    row,
    score,
    stages: {
      dense: { score: cosines.get(row)!, ...denseRanks.get(row), ...(shares && { share: shares.dense }) },
      bm25: { score: scores[row]!, ...lexicalRanks.get(row), ...(shares && { share: shares.lexical }) },
    },
  });
  const fused =
    fusion.kind === 'rrf'
      ? reciprocalRankFusion([dense, lexical].map((list) => list.map(({ row }) => row))).map((row) =>
          staged(row),
        )
      : weightedFusion(
          [...cosines].map(([row, cosine]): Candidate => ({ row, dense: cosine, lexical: scores[row]! })),
          fusion.alpha,
        ).map((row) => staged(row, row));
  return fused.map(({ row, score, stages }, index) => ({
    row,
    score,
    stages: { ...stages, fusion: { score, rank: index + 1 } },
  }));
}

function ranksOf(rows: readonly ScoredRow[]): ReadonlyMap<number, { rank: number }> {
  return new Map(rows.map(({ row }, index) => [row, { rank: index + 1 }]));
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
