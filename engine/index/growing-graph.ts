/** A graph that is being built. Vectors are `[keys, dimensions]`. */
export interface GrowingGraph {
  /** Adds rows, whose keys ascend from call to call; both arrays change hands. */
  add(keys: BigUint64Array, vectors: Float32Array): Promise<void>;
  /** The keys of the rows that no path leads to, ascending. */
  unreachable(): Promise<BigUint64Array>;
  /** Adds rows that are there already once more, one after the other; both arrays change hands. */
  addAgain(keys: BigUint64Array, vectors: Float32Array): Promise<void>;
  /** For each of these rows the keys of up to `k` rows near to it, nearest first, itself perhaps among them. */
  near(keys: BigUint64Array, vectors: Float32Array, k: number): Promise<readonly BigUint64Array[]>;
  /** The bytes of the graph's file, as usearch writes it. Nothing can be asked of the graph after that. */
  finish(): Promise<Uint8Array>;
  /** Gives back what it holds, finished or not. */
  close(): Promise<void>;
}
