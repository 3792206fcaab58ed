import type { CompactionCounts } from '../../../core/compaction/compaction-counts.js';
import { fillOf } from '../../../core/compaction/part-fill.js';
import type { CompactionPlan, PartFill, PartGroup } from '../../../core/compaction/plan-compaction.js';
import { type PartFiles, rowsIn } from '../../../core/version-parts.js';
import { throwIfStopped } from '../../concurrency/stop.js';
import type { ListedPart } from '../../parquet/part-list-file.js';
import type { ListedVectors } from '../../parquet/vector-list-file.js';
import type { OpenVersion } from '../../version/open-version.js';
import type { StepRun } from '../step-context.js';
import { type JoinedPart, PartJoiner, readPart } from './part-joiner.js';

/** A part that a version can list as it is, or move the live rows of. */
export interface ListablePart {
  part: ListedPart;
  vectors: ListedVectors;
}

/** The parts that a version can list, by their places in the order of row keys. */
export interface ListableParts {
  length: number;
  at(place: number): ListablePart;
  /** Returns the files of a part, by which they are read. */
  filesOf(part: ListablePart): PartFiles;
}

/** The number of parts that are read at once. */
const CONCURRENT_PARTS = 4;

/**
 * Yields the parts that a version lists: the given ones, and joined parts in place of those of
 * which `plan` says so. What was moved is added to `counts`. Errors: OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH, FILE_DAMAGED, PART_CONFLICT, CANCELLED.
 */
export async function* compactParts(
  version: OpenVersion,
  parts: ListableParts,
  { plan, counts, run }: { plan: CompactionPlan; counts: CompactionCounts; run: StepRun },
): AsyncGenerator<ListablePart | JoinedPart> {
  const { parts: limits } = version.job.spec;
  const fills = Array.from({ length: parts.length }, (_, place): PartFill => {
    const { part } = parts.at(place);
    return { fill: fillOf(part, limits), moves: part.moves ?? 0 };
  });
  let next = 0;
  for (const group of plan(fills)) {
    for (; next < group.from; next += 1) yield parts.at(next);
    const joined = await joinGroup(version, parts, group, run);
    counts.parts += group.to - group.from;
    counts.joined += joined.length;
    for (const { part, vectors } of joined) {
      counts.rows += rowsIn(part.live);
      counts.bytes += part.bytes + vectors.bytes;
    }
    yield* joined;
    next = group.to;
  }
  for (; next < parts.length; next += 1) yield parts.at(next);
}

async function joinGroup(
  version: OpenVersion,
  parts: ListableParts,
  { from, to }: PartGroup,
  run: StepRun,
): Promise<readonly JoinedPart[]> {
  const group = Array.from({ length: to - from }, (_, at) => parts.at(from + at));
  const moves = 1 + group.reduce((most, { part }) => Math.max(most, part.moves ?? 0), 0);
  const joiner = new PartJoiner(version, moves);
  for (let at = 0; at < group.length; at += CONCURRENT_PARTS) {
    throwIfStopped(run.signal);
    const some = group.slice(at, at + CONCURRENT_PARTS);
    const read = await Promise.all(some.map((part) => readPart(version, parts.filesOf(part))));
    for (const one of read) await joiner.add(one);
  }
  return joiner.finish();
}
