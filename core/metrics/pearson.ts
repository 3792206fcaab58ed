/**
 * Pearson's correlation of two columns of the same length, from −1 to 1. Returns undefined for
 * fewer than two rows, and where all values of a column are equal.
 */
export function pearson(left: readonly number[], right: readonly number[]): number | undefined {
  const a = deviations(left);
  const b = deviations(right);
  const lengths = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
  if (isConstant(left) || isConstant(right) || lengths === 0) return undefined;
  return Math.min(1, Math.max(-1, dot(a, b) / lengths));
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

function deviations(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * right[index]!, 0);
}
