import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../core/seeded-random.js';
import { isWhole } from '../../../core/version-parts.js';
import { exportVersion } from '../../../engine/export/export-version.js';
import { readChunkFile } from '../../../engine/parquet/chunk-file.js';
import { liveFilesOf } from '../../../engine/version/live-files.js';
import { readLiveChunks, readLiveVectors } from '../../../engine/version/live-rows.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { contentDifferences, contentFaults } from '../../carry/compare-contents.js';
import { CONTENT_QUERIES } from '../../carry/every-night.js';
import { contentOf } from '../../carry/version-content.js';
import { MemoryNights } from '../../support/memory-nights.js';
import { MemoryStore } from '../../support/memory-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import type { CorpusLine } from '../../support/test-job.js';

/** `make torture` plays the whole year. */
const NIGHTS = Number(process.env.VECTORMILL_TEST_HISTORIES ?? 0) >= 1000 ? 365 : 40;
const DOCUMENTS = 160;
const EDITS = 3;

/** A part has eight rows, so that a full version has twenty. */
const SETTINGS = { parts: { rows: 8 }, shard_bytes: 8000, limits: { reject_share: 1, concurrency: 3 } };

const textOf = (document: number, edition: number) => `The text ${document} in its edition ${edition}.`;

/** The bytes of the files of a version that its own folder has, and of those it moved. */
function addedBytes({ manifest, parts }: ReadableVersion): { added: number; moved: number } {
  const own = `${manifest.dataset}/versions/${manifest.version}/`;
  const moved = manifest.compacted?.bytes ?? 0;
  let written = 0;
  for (const { chunks, vectors } of parts)
    for (const { key, bytes } of [chunks, vectors]) if (key.startsWith(own)) written += bytes;
  return { added: written - moved, moved };
}

const filesIn = ({ parts, rejectFiles }: ReadableVersion) => 2 * parts.length + rejectFiles.length;

describe('nights whose parts are joined', () => {
  const nights = new MemoryNights(SETTINGS);
  const editions = new Array<number>(DOCUMENTS).fill(0);
  let last: ReadableVersion;
  let whole: ReadableVersion;
  const year = { added: 0, moved: 0, joined: 0, mostFiles: 0 };

  const write = () =>
    nights.write({
      'a.jsonl': editions.slice(0, DOCUMENTS / 2).map(lineOf(0)),
      'b.jsonl': editions.slice(DOCUMENTS / 2).map(lineOf(DOCUMENTS / 2)),
    });
  const lineOf =
    (from: number) =>
    (edition: number, at: number): CorpusLine => ({
      _id: `d${from + at}`,
      text: textOf(from + at, edition),
    });

  beforeAll(async () => {
    const random = seededRandom(16, 0);
    await write();
    last = await nights.next();
    for (let night = 1; night < NIGHTS; night += 1) {
      for (let edit = 0; edit < EDITS; edit += 1) editions[Math.floor(random() * DOCUMENTS)]! += 1;
      await write();
      await nights.write({ [`bad-${night}.jsonl`]: [{ _id: `without text ${night}` }] });
      last = await nights.next();
      const { added, moved } = addedBytes(last);
      year.added += added;
      year.moved += moved;
      year.joined += last.manifest.compacted?.parts ?? 0;
      year.mostFiles = Math.max(year.mostFiles, filesIn(last));
    }
    whole = await nights.whole();
  }, 3_600_000);

  it('have few files, and move few bytes', () => {
    const files = { whole: filesIn(whole), most: year.mostFiles };
    if (NIGHTS === 365) process.stdout.write(`${JSON.stringify({ ...year, files })}\n`);
    expect(last.manifest.rejects).toEqual({ MISSING_TEXT: NIGHTS - 1 });
    expect(last.rejectFiles.length).toBeLessThanOrEqual(10);
    expect(year.joined).toBeGreaterThan(20);
    expect(year.mostFiles).toBeLessThanOrEqual(1.5 * files.whole + 50);
    expect(year.moved).toBeLessThanOrEqual(3 * year.added);
  });

  it('hold what a version without a parent holds', async () => {
    process.env.VECTORMILL_CACHE = temporaryFolder();
    const found = await contentOf(last, CONTENT_QUERIES);
    const expected = await contentOf(whole, CONTENT_QUERIES);
    expect([...contentFaults(found), ...contentDifferences(found, expected)]).toEqual([]);
  });

  it('name the rows of a joined part by key and position, also those that died since', async () => {
    const joined = [...last.parts].filter(({ sources }) => sources);
    expect(joined.some((part) => !isWhole(part))).toBe(true);
    const files = [...liveFilesOf(last)];
    for (const [place, part] of [...last.parts].entries()) {
      const { rows } = readChunkFile(await last.store.get(part.chunks.key), part.chunks.key);
      const { live, liveRows, rows: all } = files[place]!;
      expect([all, liveRows]).toEqual([rows.length, part.rows]);
      const named = live.flatMap(({ firstKey, lastKey, firstPosition, lastPosition }) => {
        expect(lastKey - firstKey).toBe(BigInt(lastPosition - firstPosition));
        return rows.slice(firstPosition, lastPosition + 1).map(({ rowKey }) => rowKey);
      });
      const read = await readLiveChunks(last, part);
      expect(named).toEqual(read.map(({ rowKey }) => rowKey));
      expect([...(await readLiveVectors(last, part)).rowKeys]).toEqual(named);
    }
  });

  it('are exported with the rows that live', async () => {
    const target = new MemoryStore('file:///exported');
    const { rows } = await exportVersion(last, target, {
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    expect(rows).toBe(DOCUMENTS);
    const ids: string[] = [];
    for await (const { key } of target.list('chunks/'))
      ids.push(...readChunkFile(await target.get(key), key).rows.map(({ docId }) => docId));
    expect(ids.sort()).toEqual(Array.from({ length: DOCUMENTS }, (_, document) => `d${document}`).sort());
  });
});
