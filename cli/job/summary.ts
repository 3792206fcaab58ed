import { describeLongRows } from '../../core/long-rows.js';
import { describeRejects, totalRejects } from '../../core/reject-counts.js';
import type { JobSummary } from '../../core/workflow-api.js';
import { describeCost } from './describe-cost.js';
import { count, duration } from './progress-line.js';

/** The lines that a finished job ends with. */
export function summaryLines(name: string, summary: JobSummary): string[] {
  const { totals, cost, rejects, elapsedMs } = summary;
  const seconds = Math.max(elapsedMs / 1000, 0.001);
  const rejected = totalRejects(rejects);
  return [
    `${name} is complete (${duration(elapsedMs)}).`,
    `  documents   ${count(totals.documents)}${rejected > 0 ? `, and ${count(rejected)} quarantined: ${describeRejects(rejects)}` : ''}`,
    `  chunks      ${count(totals.chunks)}, ${count(totals.truncatedChunks)} of them truncated`,
    `  tokens      ${count(totals.tokens)}`,
    ...(cost ? [`  cost        ${describeCost(cost)}`] : []),
    `  speed       ${(totals.chunks / seconds).toFixed(1)} chunks/s, ${count(totals.tokens / seconds)} tok/s, planning and committing included`,
    `  bytes       ${count(totals.inputBytes)} in, ${count(totals.outputBytes)} out`,
    ...(summary.vectorPrecision ? [`  vectors     ${summary.vectorPrecision}`] : []),
    ...(summary.longRows
      ? [
          `  warning     ${describeLongRows(summary.longRows)}; if the quotes in this table are characters, set input.csv.quote to none in a new version`,
        ]
      : []),
    `  fingerprint ${summary.fingerprint.slice(0, 12)}`,
    `  manifest    ${summary.manifest}`,
  ];
}
