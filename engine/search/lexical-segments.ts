import { placesOfIds } from '../../core/ids.js';
import { listOf } from '../../core/listed-rows.js';
import { type ChosenSegment, chooseSegments } from '../../core/search/choose-segments.js';
import { PostingsBuilder } from '../../core/search/postings.js';
import type { VersionParts } from '../../core/version-parts.js';
import { readLiveChunks } from '../version/live-rows.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { IdBytes } from './id-bytes.js';
import { LexicalFolder } from './lexical-folder.js';
import { type LexicalSegment, type SegmentContent, segmentInMemory } from './lexical-segment.js';
import { openLexicalSegment, readSegmentList, writeLexicalSegment } from './lexical-segment-file.js';
import { lexicalTerms, lexicalTextOf } from './lexical-terms.js';

/** A segment that is open, and the rows of the version that are searched by it. */
export interface SearchedSegment extends Pick<ChosenSegment, 'living'> {
  segment: LexicalSegment;
}

/** The segments by which all rows of a version are searched. */
export interface OpenSegments {
  segments: readonly SearchedSegment[];
  /** The reason why a file could not be stored for the next search; absent where all could. */
  notKept?: string;
}

/** Is called with the number of rows that are indexed so far, and that of all that will be. */
export type OnIndexed = (done: number, total: number) => void;

/**
 * Opens the segments of a version. Those that are in the cache are searched on, whichever version
 * they were made for, and one is made of the rows that none of them has. Errors: those of reading
 * the version's chunk files.
 */
export async function openSegments(version: ReadableVersion, onRows?: OnIndexed): Promise<OpenSegments> {
  const folder = new LexicalFolder(version);
  const noted = await openFiles(folder, await folder.noted(), version.parts);
  if (noted.others.rows === 0) return { segments: noted.segments };
  await closeAll(noted.segments);
  const { segments, names, others } = await openFiles(folder, await folder.all(), version.parts);
  try {
    const problems: (string | undefined)[] = [];
    if (others.rows > 0) {
      const made = await indexChunks(version, others, onRows);
      const name = folder.nameOf(made.list);
      problems.push(await problemOf(writeLexicalSegment(folder.pathOf(name), made)));
      segments.push({ segment: segmentInMemory(made), living: others });
      names.push(name);
    }
    problems.push(await problemOf(folder.note(names)));
    const notKept = problems.find((problem) => problem !== undefined);
    return { segments, ...(notKept === undefined ? {} : { notKept }) };
  } catch (error) {
    await closeAll(segments);
    throw error;
  }
}

async function problemOf(storing: Promise<void>): Promise<string | undefined> {
  return storing.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

async function closeAll(segments: readonly SearchedSegment[]): Promise<void> {
  for (const { segment } of segments) await segment.close();
}

interface OpenedFiles {
  segments: SearchedSegment[];
  names: string[];
  /** The rows of the version that none of the segments has. */
  others: VersionParts;
}

/** Opens those of some segments by which a version is searched. Damaged ones are passed over. */
async function openFiles(
  folder: LexicalFolder,
  names: readonly string[],
  parts: VersionParts,
): Promise<OpenedFiles> {
  const listed = [];
  for (const name of names) {
    const list = await readSegmentList(folder.pathOf(name));
    if (list) listed.push({ name, list });
  }
  for (;;) {
    const lists = listed.map(({ list }) => list);
    const { chosen, others } = chooseSegments(parts, lists);
    const opened: OpenedFiles = { segments: [], names: [], others };
    let damaged: number | undefined;
    for (const { place, living } of chosen) {
      const { name } = listed[place]!;
      const segment = await openLexicalSegment(folder.pathOf(name));
      if (!segment) damaged = place;
      if (!segment) break;
      opened.segments.push({ segment, living });
      opened.names.push(name);
    }
    if (damaged === undefined) return opened;
    await closeAll(opened.segments);
    listed.splice(damaged, 1);
  }
}

/** Makes a segment of some rows of a version. */
async function indexChunks(
  version: ReadableVersion,
  parts: VersionParts,
  onRows?: OnIndexed,
): Promise<SegmentContent> {
  const builder = new PostingsBuilder();
  const ids: string[] = [];
  const textOf = lexicalTextOf(version);
  for (const part of parts) {
    for (const row of await readLiveChunks(version, part)) {
      builder.add(lexicalTerms(textOf(row)));
      ids.push(row.chunkId);
    }
    onRows?.(ids.length, parts.rows);
  }
  const list = listOf(parts, 'chunks');
  return { list, ...builder.build(), places: placesOfIds(ids), chunkIds: IdBytes.of(ids) };
}
