/**
 * Returns the least and greatest norm and the number of non-finite values of row-major `[rows,
 * dimensions]` vectors. Both norms are 0 if there are no rows.
 */
export function vectorStatistics(
  vectors: Float32Array,
  dimensions: number,
): { minNorm: number; maxNorm: number; nanCount: number } {
  let minNorm = Number.POSITIVE_INFINITY;
  let maxNorm = 0;
  let nanCount = 0;
  for (let at = 0; at < vectors.length; at += dimensions) {
    let squares = 0;
    for (let index = at; index < at + dimensions; index += 1) {
      const value = vectors[index]!;
      if (!Number.isFinite(value)) nanCount += 1;
      else squares += value * value;
    }
    const norm = Math.sqrt(squares);
    minNorm = Math.min(minNorm, norm);
    maxNorm = Math.max(maxNorm, norm);
  }
  return { minNorm: vectors.length === 0 ? 0 : minNorm, maxNorm, nanCount };
}
