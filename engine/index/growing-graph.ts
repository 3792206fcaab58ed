/** A graph that is being built. Vectors are `[keys, dimensions]`. */
export interface GrowingGraph {
  /**
   * Adds rows, whose keys ascend from call to call. The caller may not use the arrays afterwards.
   */
  add(keys: BigUint64Array, vectors: Float32Array): Promise<void>;
  /** Returns the keys of the rows that no path leads to, ascending. */
  unreachable(): Promise<BigUint64Array>;
  /**
   * Adds rows once more that are already there, one after the other. The caller may not use the
   * arrays afterwards.
   */
  reinsert(keys: BigUint64Array, vectors: Float32Array): Promise<void>;
  /**
   * Returns the keys of up to `k` rows near each of these rows, nearest first. The row itself may
   * be among them.
   */
  nearest(keys: BigUint64Array, vectors: Float32Array, k: number): Promise<readonly BigUint64Array[]>;
  /**
   * Returns the bytes of the graph's file, as usearch writes it. No other method but `close` may be
   * called afterwards.
   */
  finish(): Promise<Uint8Array>;
  /** Releases what the graph holds, whether it is finished or not. */
  close(): Promise<void>;
}
