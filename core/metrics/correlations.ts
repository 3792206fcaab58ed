/**
 * Computes Pearson's correlation of two columns of the same length, from −1 to 1. Returns undefined
 * for fewer than two rows, and where all values of a column are equal.
 */
export function pearson(left: readonly number[], right: readonly number[]): number | undefined {
  const a = deviations(left);
  const b = deviations(right);
  const lengths = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
  if (isConstant(left) || isConstant(right) || lengths === 0) return undefined;
  return Math.min(1, Math.max(-1, dot(a, b) / lengths));
}

/**
 * Computes Spearman's correlation, which is Pearson's correlation of the ranks. Ties have their
 * average rank. Returns undefined where Pearson's correlation does.
 */
export function spearman(left: readonly number[], right: readonly number[]): number | undefined {
  return pearson(averageRanks(left), averageRanks(right));
}

/**
 * Returns the rank of each value, from 1 for the lowest. Equal values share the mean of the ranks
 * that they occupy.
 */
export function averageRanks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1;
    for (let place = from; place < to; place += 1) ranks[order[place]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
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
