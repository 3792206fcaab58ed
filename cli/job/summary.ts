import { counted } from '../../core/counted.js';
import { describeLongRows } from '../../core/long-rows.js';
import type { ReusedTotals } from '../../core/manifest.js';
import { describeRejects, totalRejects } from '../../core/reject-counts.js';
import type { JobSummary, RefStanding } from '../../core/workflow-api.js';
import type { InputDifferences } from '../../engine/corpus/compare-input.js';
import { outcomeLine } from '../gc/gc-lines.js';
import { describeChanges } from './describe-changes.js';
import { describeClipped } from './describe-clipped.js';
import { describeCompaction } from './describe-compaction.js';
import { describeCost } from './describe-cost.js';
import { describeReused } from './describe-reused.js';
import { count, duration } from './progress-line.js';

/** Returns the lines that are printed when a job has finished. */
export function summaryLines(name: string, summary: JobSummary): string[] {
  const { elapsedMs, wasComplete } = summary;
  return [
    wasComplete ? wasCompleteLine(name) : `${name} is complete (${duration(elapsedMs)}).`,
    ...versionLines(summary, wasComplete ? [] : speedLines(summary)),
    ...(summary.collection ? [`  retention   ${outcomeLine(name.split('@')[0]!, summary.collection)}`] : []),
  ];
}

/** Returns the lines for a version that an earlier run had already completed. */
export function completeLines(name: string, summary: VersionSummary): string[] {
  return [wasCompleteLine(name), ...versionLines(summary, [])];
}

/**
 * Says how an input differs from what the version was planned from, and what to do. Empty where it
 * does not differ.
 */
export function inputLines(name: string, { added, changed, removed }: InputDifferences): string[] {
  if (added + changed + removed === 0) return [];
  const objects = (number: number, state: string) =>
    number === 0 ? [] : [`${counted(number, 'object is', 'objects are')} ${state}`];
  const list = [...objects(added, 'new'), ...objects(changed, 'changed'), ...objects(removed, 'gone')].join(
    ', ',
  );
  return [
    `The input is not what ${name} was planned from: ${list}.`,
    '  → A version reads one state of its input: give the job another `version` to embed what lies there now.',
  ];
}

/** The content of a version, as its manifest lists it. */
export type VersionSummary = Omit<JobSummary, 'elapsedMs' | 'adopted' | 'wasComplete' | 'collection'>;

function wasCompleteLine(name: string): string {
  return `${name} was complete already; nothing was done.`;
}

/** Returns the lines about speed, which is only shown for what this run has embedded. */
function speedLines(summary: JobSummary): string[] {
  const { totals, reused, adopted = { chunks: 0, tokens: 0 }, elapsedMs } = summary;
  const seconds = Math.max(elapsedMs / 1000, 0.001);
  // How many tokens the computed chunks have is not counted.
  if (reused) return adopted.chunks > 0 || reused.computed === 0 ? [] : [reusingSpeedLine(reused, seconds)];
  const chunks = totals.chunks - adopted.chunks;
  const tokens = totals.tokens - adopted.tokens;
  const found = `${counted(adopted.chunks, 'chunk was', 'chunks were')} embedded before`;
  if (chunks <= 0) return adopted.chunks > 0 ? [`  speed       none: all ${found}`] : [];
  const of = adopted.chunks > 0 ? `, of the ${counted(chunks, 'chunk')} of this run; ${found}` : '';
  return [
    `  speed       ${(chunks / seconds).toFixed(1)} chunks/s, ${count(tokens / seconds)} tok/s, planning and committing included${of}`,
  ];
}

function reusingSpeedLine({ computed }: ReusedTotals, seconds: number): string {
  return `  speed       ${(computed / seconds).toFixed(1)} chunks/s computed, planning and committing included`;
}

function versionLines(summary: VersionSummary, speed: readonly string[]): string[] {
  const { totals, cost, reused, clipped, changes, compacted, rejects } = summary;
  const rejected = totalRejects(rejects);
  return [
    `  documents   ${count(totals.documents)}${rejected > 0 ? `, and ${count(rejected)} quarantined: ${describeRejects(rejects)}` : ''}`,
    `  chunks      ${count(totals.chunks)}, ${count(totals.truncatedChunks)} of them truncated`,
    `  tokens      ${count(totals.tokens)}`,
    ...(cost ? [`  cost        ${describeCost(cost)}`] : []),
    ...(changes ? [`  changes     ${describeChanges(changes, reused?.computed ?? totals.chunks)}`] : []),
    ...(reused ? [`  reused      ${describeReused(reused)}`] : []),
    ...(compacted ? [`  compacted   ${describeCompaction(compacted)}`] : []),
    ...(clipped ? [`  clipped     ${describeClipped(clipped)}`] : []),
    ...speed,
    `  bytes       ${count(totals.inputBytes)} in, ${count(totals.outputBytes)} out`,
    ...(summary.vectorPrecision ? [`  vectors     ${summary.vectorPrecision}`] : []),
    ...(summary.longRows
      ? [
          `  warning     ${describeLongRows(summary.longRows)}; if the quotes in this table are characters, set input.csv.quote to none in a new version`,
        ]
      : []),
    `  fingerprint ${summary.fingerprint.slice(0, 12)}`,
    ...(summary.standing ? [`  ref         ${describeStanding(summary.standing)}`] : []),
    `  manifest    ${summary.manifest}`,
  ];
}

function describeStanding({ ref, version, why }: RefStanding): string {
  if (why === 'held') return `${ref} is held at ${version}; \`vectormill refs release\` ends that`;
  return `${ref} stays at ${version}, because it was moved since the job began; \`vectormill promote\` moves it`;
}
