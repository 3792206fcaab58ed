import { setImmediate } from 'node:timers/promises';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** After this many rows, other work of the event loop gets its turn. */
const ROWS_PER_TURN = 512;

/**
 * Subtracts their mean from the rows `[rows, columns]`, and projects them on the `count` directions
 * in which they vary most. The result is row-major `[rows, count]`. The directions are eigenvectors
 * of the covariance, the one with the largest eigenvalue first. Their sign is chosen so that the
 * entry of largest magnitude is positive, and the same rows always give the same result.
 */
export async function principalComponents(
  vectors: Float32Array,
  columns: number,
  count: number,
  onProgress: (rows: number) => void = () => undefined,
): Promise<Float32Array> {
  const rows = vectors.length / columns;
  const means = columnMeans(vectors, columns);
  const covariance = new Float64Array(columns * columns);
  const centred = new Float64Array(columns);
  const eachRow = async (work: (row: number) => void, doneBefore: number) => {
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) centred[i] = vectors[row * columns + i]! - means[i]!;
      work(row);
      if (row % ROWS_PER_TURN !== ROWS_PER_TURN - 1) continue;
      onProgress((doneBefore + row + 1) >> 1);
      await setImmediate();
    }
  };
  await eachRow(() => addOuterProduct(covariance, centred), 0);
  const directions = principalDirections(covariance, columns, count);
  const reduced = new Float32Array(rows * count);
  await eachRow(
    (row) => project(directions, centred, reduced.subarray(row * count, (row + 1) * count)),
    rows,
  );
  onProgress(rows);
  return reduced;
}

function columnMeans(vectors: Float32Array, columns: number): Float64Array {
  const means = new Float64Array(columns);
  const rows = vectors.length / columns;
  for (let at = 0; at < vectors.length; at += columns)
    for (let i = 0; i < columns; i++) means[i]! += vectors[at + i]! / rows;
  return means;
}

/** Adds `vector · vectorᵀ` to the upper triangle of `matrix` `[size, size]`. */
function addOuterProduct(matrix: Float64Array, vector: Float64Array): void {
  const size = vector.length;
  for (let i = 0; i < size; i++) {
    const factor = vector[i]!;
    const at = i * size;
    for (let j = i; j < size; j++) matrix[at + j]! += factor * vector[j]!;
  }
}

/** Returns the eigenvectors with the `count` largest eigenvalues, row-major `[count, size]`. */
function principalDirections(upper: Float64Array, size: number, count: number): Float64Array {
  const symmetric = new Matrix(size, size);
  for (let i = 0; i < size; i++)
    for (let j = i; j < size; j++) {
      symmetric.set(i, j, upper[i * size + j]!);
      symmetric.set(j, i, upper[i * size + j]!);
    }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, index) => index);
  order.sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const directions = new Float64Array(count * size);
  for (const [index, column] of order.slice(0, count).entries()) {
    const direction = eigenvectorMatrix.getColumn(column);
    const largest = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    const sign = largest < 0 ? -1 : 1;
    directions.set(
      direction.map((value) => sign * value),
      index * size,
    );
  }
  return directions;
}

function project(directions: Float64Array, vector: Float64Array, target: Float32Array): void {
  const size = vector.length;
  for (let index = 0; index < target.length; index++) {
    let dot = 0;
    for (let i = 0; i < size; i++) dot += directions[index * size + i]! * vector[i]!;
    target[index] = dot;
  }
}
