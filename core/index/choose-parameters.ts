import { counted } from '../counted.js';
import type { HnswParameters, IndexMetric, IndexPrecision } from './index-options.js';

/** The properties that an index is asked to have. Fields that are undefined are chosen. */
export interface IndexRequest {
  metric: IndexMetric;
  /** The least fraction of the true neighbours that a search must find, 0 < target ≤ 1. */
  recallTarget: number;
  precision?: IndexPrecision | undefined;
  connectivity?: number | undefined;
  expansionAdd?: number | undefined;
  /** The number of rows that a shard aims at. */
  shardRows?: number | undefined;
  /** A version with fewer rows gets no graph. */
  exactBelow?: number | undefined;
  /** The number of bytes that all graphs together may take. */
  memoryBytes?: number | undefined;
}

/** The rows that an index is for. */
export interface IndexedRows {
  rows: number;
  dimensions: number;
  /** The smallest length of all rows; int8 and binary keep directions only. */
  minNorm: number;
  maxNorm: number;
}

export interface ChosenParameters {
  kind: 'exact' | 'hnsw';
  graph: HnswParameters;
  shardRows: number;
  /** Expected size of all graphs in bytes, or 0 for exact search. */
  graphBytes: number;
  /** Sentences that say why each value is what it is. */
  reasons: readonly string[];
}

/**
 * Chooses exact search or a graph, and the parameters of the graph. For a request that contradicts
 * itself (a precision that cannot tell the rows apart, memory that no precision fits in) it returns
 * `{refused}` with the reason as a sentence.
 */
export function chooseParameters(
  rows: IndexedRows,
  request: IndexRequest,
): ChosenParameters | { refused: string } {
  const reasons: string[] = [];
  const exactBelow = request.exactBelow ?? quicklyCompared(rows.dimensions);
  const kind = rows.rows < exactBelow ? 'exact' : 'hnsw';
  const { connectivity, expansionAdd } = graphSize(request, reasons);
  const precision = choosePrecision(rows, request, connectivity, reasons);
  if (typeof precision === 'object') return precision;
  if (kind === 'exact') {
    reasons.length = 0;
    reasons.push(
      `exact search, because ${counted(rows.rows, 'row is', 'rows are')} fewer than ${Math.ceil(exactBelow)}: comparing a query with all of them takes milliseconds and misses none`,
    );
  }
  const rowBytes = bytesPerRow(precision, rows.dimensions, connectivity);
  const shardRows = request.shardRows ?? Math.min(SHARD_ROWS, Math.floor(GRAPH_BYTES / rowBytes));
  const largestBytes = Math.min(shardRows, rows.rows) * rowBytes;
  if (kind === 'hnsw' && largestBytes > MAX_GRAPH_BYTES)
    return {
      refused: `a graph of ${Math.min(shardRows, rows.rows)} rows takes ${largestBytes} bytes, and its file may have ${MAX_GRAPH_BYTES}`,
    };
  const graph = {
    metric: request.metric,
    precision,
    dimensions: rows.dimensions,
    connectivity,
    expansionAdd,
  };
  const graphBytes = kind === 'exact' ? 0 : rows.rows * rowBytes;
  return { kind, graph, shardRows, graphBytes, reasons };
}

/**
 * Returns the bytes of one row in a usearch file: its numbers, its key (8), its level (2), a count
 * and 2M slots of 4 bytes on the lowest layer, and on average 1/(M − 1) further layers with a count
 * and M slots.
 */
export function bytesPerRow(precision: IndexPrecision, dimensions: number, connectivity: number): number {
  const lowest = 4 + 2 * connectivity * 4;
  const upper = (4 + connectivity * 4) / (connectivity - 1);
  return Math.ceil((dimensions * BITS[precision]) / 8 + 10 + lowest + upper);
}

/** Returns the number of rows that a query can be compared with in some ten milliseconds. */
function quicklyCompared(dimensions: number): number {
  return EXACT_VALUES / dimensions;
}

/**
 * Returns the number of rows beside graphs that every query may be compared with, where the graphs
 * hold `graphRows`: as many as a version without graphs may have. A request that wants graphs for
 * fewer rows has at most a fifth of the graphs' rows compared.
 */
export function rowsBesideGraphs(
  { exactBelow }: Pick<IndexRequest, 'exactBelow'>,
  { dimensions, graphRows }: { dimensions: number; graphRows: number },
): number {
  const quickly = quicklyCompared(dimensions);
  return Math.max(exactBelow ?? quickly, Math.min(quickly, LARGEST_SHARE_BESIDE * graphRows));
}

function graphSize(
  { recallTarget, connectivity, expansionAdd }: IndexRequest,
  reasons: string[],
): { connectivity: number; expansionAdd: number } {
  const rule = RULES.find(({ upTo }) => recallTarget <= upTo) ?? RULES.at(-1)!;
  reasons.push(
    connectivity === undefined && expansionAdd === undefined
      ? `M ${rule.connectivity} and ef construction ${rule.expansionAdd}, for a recall of ${recallTarget}`
      : `M ${connectivity ?? rule.connectivity} and ef construction ${expansionAdd ?? rule.expansionAdd}, as asked`,
  );
  return {
    connectivity: connectivity ?? rule.connectivity,
    expansionAdd: expansionAdd ?? rule.expansionAdd,
  };
}

function choosePrecision(
  rows: IndexedRows,
  { metric, precision, memoryBytes }: IndexRequest,
  connectivity: number,
  reasons: string[],
): IndexPrecision | { refused: string } {
  const sameNorm = metric === 'cosine' || rows.maxNorm <= rows.minNorm * (1 + NORM_TOLERANCE);
  const bytesWith = (candidate: IndexPrecision) =>
    rows.rows * bytesPerRow(candidate, rows.dimensions, connectivity);
  const keepsOrder = (candidate: IndexPrecision) =>
    sameNorm || (candidate !== 'int8' && candidate !== 'binary');
  if (precision !== undefined) {
    if (!keepsOrder(precision))
      return {
        refused: `${precision} keeps the direction of a vector alone, and these have lengths from ${rows.minNorm.toFixed(3)} to ${rows.maxNorm.toFixed(3)}, which ${metric} depends on`,
      };
    if (memoryBytes !== undefined && bytesWith(precision) > memoryBytes)
      return { refused: `${precision} needs ${bytesWith(precision)} bytes for ${rows.rows} rows` };
    reasons.push(`${precision}, as asked`);
    return precision;
  }
  const order: readonly IndexPrecision[] = ['int8', 'bfloat16', 'binary'];
  const chosen = order.find(
    (candidate) =>
      keepsOrder(candidate) && (memoryBytes === undefined || bytesWith(candidate) <= memoryBytes),
  );
  if (chosen === undefined)
    return { refused: `no precision that keeps the order of these rows fits in ${memoryBytes} bytes` };
  reasons.push(REASONS[chosen] ?? '');
  return chosen;
}

/** The number of values with which a query can be compared in some ten milliseconds. */
const EXACT_VALUES = 8_000_000;

/**
 * The greatest share of the rows in graphs that is compared beside them where graphs are asked for
 * whatever their size. A night's few rows thus do not become a graph of their own.
 */
const LARGEST_SHARE_BESIDE = 0.2;

/**
 * The rows of one graph. One graph is searched faster than several that hold the same rows.
 * Building a graph of this size takes some minutes, which a crash would lose.
 */
const SHARD_ROWS = 500_000;

/**
 * The memory that a graph takes while it is built, which is also the size of its file, in bytes.
 */
const GRAPH_BYTES = 1024 ** 3;

/** A graph is stored in one piece, and Node reads no larger file in one piece. */
const MAX_GRAPH_BYTES = 2 ** 31 - 1;

/**
 * The fraction by which lengths may differ. Beyond it, int8, which does not keep lengths, confuses
 * the order of neighbours.
 */
const NORM_TOLERANCE = 0.001;

/** Higher targets get denser graphs, because a larger ef search alone does not reach them. */
const RULES = [
  { upTo: 0.96, connectivity: 16, expansionAdd: 100 },
  { upTo: 0.985, connectivity: 24, expansionAdd: 200 },
  { upTo: 1, connectivity: 32, expansionAdd: 400 },
] as const;

const BITS: Readonly<Record<IndexPrecision, number>> = {
  float32: 32,
  float16: 16,
  bfloat16: 16,
  int8: 8,
  binary: 1,
};

const REASONS: Readonly<Partial<Record<IndexPrecision, string>>> = {
  int8: 'int8, the fastest to build and to search; what it loses, scoring the best candidates anew gives back',
  bfloat16: 'bfloat16, because int8 keeps no lengths and these rows differ in theirs',
  binary: 'binary, because nothing larger fits in the memory that is allowed',
};
