import type { AttachedRows } from './attached-rows.js';
import type { Candidates } from './usearch.js';

/** What a search needs of a graph; usearch's own `Index` is one. */
export interface SearchableGraph {
  /** At most `count` rows near to a row of `asGraphRows`, nearest first. Blocks meanwhile. */
  search(target: Float32Array, count: number, threads: number): Candidates;
  /** Rows. */
  size(): number;
}

/** A graph's file, opened. */
export interface OpenGraph {
  graph: SearchableGraph;
  attached: AttachedRows;
}
