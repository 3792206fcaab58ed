import type { RejectCode } from './document.js';

/** The number of quarantined documents by code. Codes that did not occur are absent. */
export type RejectCounts = Partial<Record<RejectCode, number>>;

export function addRejects(left: RejectCounts, right: RejectCounts): RejectCounts {
  const sum: RejectCounts = { ...left };
  for (const [code, count] of Object.entries(right) as [RejectCode, number][])
    sum[code] = (sum[code] ?? 0) + count;
  return sum;
}

export function totalRejects(counts: RejectCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Describes the counts, the most frequent code first: `BAD_JSON 3, EMPTY_TEXT 1`. */
export function describeRejects(counts: RejectCounts): string {
  const entries = Object.entries(counts) as [string, number][];
  entries.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return entries.map(([code, count]) => `${code} ${count}`).join(', ');
}

/**
 * Returns whether rejects are a larger fraction of all records than the job allows. It is false for
 * an empty corpus.
 */
export function exceedsRejectFraction(
  documents: number,
  counts: RejectCounts,
  allowedShare: number,
): boolean {
  const rejected = totalRejects(counts);
  return rejected > 0 && rejected / (documents + rejected) > allowedShare;
}
