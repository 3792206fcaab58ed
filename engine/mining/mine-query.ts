import type { CandidatesRecord, MiningPlan, PlannedQuery } from '../../core/mining/mining-records.js';
import type { MiningSpec } from '../../core/mining/mining-spec.js';
import { shingleOverlap, shinglesOf } from '../../core/mining/near-duplicate.js';
import { queryTest } from '../../core/mining/query-text.js';
import {
  type NegativeCandidate,
  type RejectedCandidates,
  type RejectReason,
  selectNegatives,
} from '../../core/mining/select-negatives.js';
import type { MinedPassage, MinedQuery } from '../../core/mining/training-rows.js';
import type { LoadedChunk } from './load-chunks.js';

/** A query with everything that its selection depends on. */
export interface MineRequest {
  query: PlannedQuery;
  found: CandidatesRecord['queries'][number];
  /** The cross-encoder's scores of its first candidates; undefined without a cross-encoder. */
  crossScores: readonly (number | null)[] | undefined;
}

/**
 * Selects the negatives of queries whose chunks are loaded. The shingles of a chunk are computed
 * once.
 */
export class QueryMiner {
  readonly #shingles = new Map<number, Uint32Array>();

  constructor(
    private readonly spec: MiningSpec,
    private readonly plan: Pick<MiningPlan, 'rangeMax' | 'rejectsQueries'>,
    private readonly chunks: ReadonlyMap<number, LoadedChunk>,
  ) {}

  mine({ query, found, crossScores }: MineRequest): {
    mined: MinedQuery;
    rejected: RejectedCandidates;
  } {
    const { selection } = this.spec;
    const isCopy = this.#copyTest(query, found.positives);
    const { negatives, rejected } = selectNegatives(
      {
        candidates: found.candidates,
        positiveScores: found.positives.map(({ score }) => score),
        rejectionOf: (candidate, rank) =>
          isCopy(candidate.row) ?? this.#crossTest(candidate, rank, crossScores),
        query: query.text,
      },
      { ...selection, rangeMax: this.plan.rangeMax },
    );
    const mined: MinedQuery = {
      id: query.id,
      text: query.text,
      positives: found.positives.map((positive) => this.#passage(positive)),
      negatives: negatives.map((negative) => {
        const crossScore = crossScores?.[negative.rank - 1];
        return {
          ...this.#passage(negative),
          rank: negative.rank,
          ...(crossScore == null ? {} : { crossScore }),
        };
      }),
    };
    return { mined, rejected };
  }

  /**
   * Returns a test of whether a chunk is a positive, belongs to a positive's document, is the query
   * itself, or has the same or nearly the same text as a chunk of a positive's document.
   */
  #copyTest(
    query: PlannedQuery,
    positives: readonly NegativeCandidate[],
  ): (row: number) => RejectReason | undefined {
    const { nearDuplicate, selection } = this.spec;
    const chosen = new Set(positives.map(({ row }) => row));
    const documents = new Set(query.positives.map(({ documentId }) => documentId));
    const rows = [...new Set([...query.positives.flatMap((positive) => positive.rows), ...chosen])];
    const texts = new Set(rows.map((row) => this.chunks.get(row)!.textSha256));
    const isOwn = this.#queryTest(query);
    const chosenTexts = new Set([...chosen].map((row) => this.chunks.get(row)!.textSha256));
    return (row) => {
      const chunk = this.chunks.get(row)!;
      const isPositive = chosen.has(row);
      if (selection.includePositives && (isPositive || chosenTexts.has(chunk.textSha256))) return undefined;
      if (isPositive) return 'positive';
      if (documents.has(chunk.docId)) return 'positiveDocument';
      if (texts.has(chunk.textSha256)) return 'exactDuplicate';
      if (isOwn(row)) return 'queryItself';
      if (nearDuplicate === undefined) return undefined;
      const own = this.#shinglesOf(row);
      const isNear = rows.some(
        (positive) => shingleOverlap(own, this.#shinglesOf(positive)) >= nearDuplicate,
      );
      return isNear ? 'nearDuplicate' : undefined;
    };
  }

  /**
   * Returns a test of whether a chunk belongs to a document with the query's own id, or has no text
   * but the query.
   */
  #queryTest({ text, own = [] }: PlannedQuery): (row: number) => boolean {
    if (!this.plan.rejectsQueries) return () => false;
    const ownRows = new Set(own);
    const saysIt = queryTest(text);
    return (row) => ownRows.has(row) || saysIt(this.chunks.get(row)!);
  }

  #crossTest(
    { score }: NegativeCandidate,
    rank: number,
    crossScores: readonly (number | null)[] | undefined,
  ): RejectReason | undefined {
    const stage = this.spec.crossEncoder;
    if (!stage || !crossScores) return undefined;
    if (rank > stage.top) return 'beyondCrossEncoder';
    if (stage.minBiScore !== undefined && score <= stage.minBiScore) return 'biScore';
    const crossScore = crossScores[rank - 1];
    return crossScore != null && crossScore >= stage.maxCrossScore ? 'crossScore' : undefined;
  }

  #shinglesOf(row: number): Uint32Array {
    const known = this.#shingles.get(row) ?? shinglesOf(this.chunks.get(row)!.text);
    this.#shingles.set(row, known);
    return known;
  }

  #passage({ row, score }: NegativeCandidate): MinedPassage {
    const { text, title, docId, chunkId, rowKey, vectorFile } = this.chunks.get(row)!;
    return {
      text,
      ...(title === undefined ? {} : { title }),
      documentId: docId,
      chunkId,
      rowKey: String(rowKey),
      vectorFile,
      score,
    };
  }
}
