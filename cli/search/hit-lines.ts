import { STAGE_NAMES, type StagedHit, type StageScore } from '../../engine/search/staged-hit.js';
import { oneLine } from '../print.js';

const SNIPPET_CHARACTERS = 160;
const CHUNK_CHARACTERS = 40;

/** Returns a hit's rank, score, document and title, and the beginning of its text. */
export function hitLines({ rank, score, docId, title, text }: StagedHit): string[] {
  const heading = title === undefined ? oneLine(docId) : `${oneLine(docId)} · ${oneLine(title)}`;
  return [`${rank}. ${score.toFixed(4)}  ${heading}`, `   ${oneLine(text, SNIPPET_CHARACTERS)}`];
}

/** Returns a table of hits with a column for each stage that any hit went through. */
export function explainLines(hits: readonly StagedHit[]): string[] {
  const stages = STAGE_NAMES.filter((name) => hits.some((hit) => hit.stages[name]));
  const table = [
    ['', 'chunk', ...stages],
    ...hits.map(({ rank, chunkId, stages: scores }) => [
      `${rank}.`,
      oneLine(chunkId, CHUNK_CHARACTERS),
      ...stages.map((name) => cellOf(scores[name])),
    ]),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/**
 * Returns the cell of a hit, for example `#3 0.6123 (0.8061)`: the place, the score, and the
 * normalised score that was weighed.
 */
function cellOf(stage: StageScore | undefined): string {
  if (!stage) return '–';
  const { rank, score, share } = stage;
  return [
    rank === undefined ? '#–' : `#${rank}`,
    score.toFixed(4),
    ...(share === undefined ? [] : [`(${share.toFixed(4)})`]),
  ].join(' ');
}
