import { beforeAll, describe, expect, it } from 'vitest';
import { writeManifest } from '../../../engine/steps/write-manifest.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { versionOpener } from '../../../engine/version/open-version.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { contentDifferences, contentFaults } from '../../carry/compare-contents.js';
import { CONTENT_QUERIES } from '../../carry/every-night.js';
import { contentOf } from '../../carry/version-content.js';
import { eagerPlan } from '../../support/eager-plan.js';
import { CrashPlan, failingStore } from '../../support/failing-store.js';
import { MemoryNights } from '../../support/memory-nights.js';
import type { MemoryStore } from '../../support/memory-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { type CorpusLine, documents } from '../../support/test-job.js';
import { testRun } from '../../support/test-tools.js';

const OLD = documents(30);
const CHANGED: CorpusLine[] = OLD.map((line, at) =>
  at % 9 === 4 && typeof line === 'object' ? { ...line, text: `${line.text} changed` } : line,
);
const THIRD = { version: 'third', parts: { rows: 9 } };

/** Two nights in memory, the second of which has joined parts, and the corpus of a third one. */
async function twoNights(settings: Record<string, unknown> = {}): Promise<MemoryNights> {
  const nights = new MemoryNights(settings);
  nights.plan = eagerPlan;
  await nights.write({ 'a.jsonl': OLD });
  await nights.next();
  await nights.write({ 'a.jsonl': CHANGED });
  await nights.next();
  await nights.write({ 'a.jsonl': [...CHANGED.slice(2), ...documents(3, 20, 'new')] });
  return nights;
}

/** Returns the store of a third night that ended when its last shard was committed. */
async function committed(nights: MemoryNights): Promise<MemoryStore> {
  const store = nights.output as MemoryStore;
  const committing = /^put:after:test\/versions\/third\/(commits\/|ranges\.json)/u;
  const all = new CrashPlan(() => false);
  nights.output = failingStore(store.copy(), all);
  await nights.run(THIRD);
  const last = all.points.findLastIndex((point) => committing.test(point));
  const ended = store.copy();
  const stop = new AbortController();
  const plan = new CrashPlan((_, index) => {
    // Whoever is stopped does not try again.
    if (index === last) stop.abort();
    return index === last;
  });
  nights.output = failingStore(ended, plan);
  await expect(nights.run(THIRD, nights.output, stop.signal)).rejects.toThrow();
  nights.output = store;
  return ended;
}

/** Makes the third night readable. */
async function finish(store: ObjectStore): Promise<ReadableVersion> {
  const place = { output: store.root, dataset: 'test', version: 'third' };
  const version = await versionOpener(() => store)(place);
  await writeManifest(version, { startedAt: 0, finishedAt: 1 }, testRun(), { plan: eagerPlan });
  return resolveVersion(store, { dataset: 'test', selector: 'third' });
}

const ownJoined = ({ parts }: ReadableVersion) =>
  [...parts].filter(({ chunks, sources }) => sources && chunks.key.includes('/third/'));

describe.each(['float32', 'int8'])('a night of %s that joins parts', (precision) => {
  let before: MemoryStore;
  let finished: ReadableVersion;

  beforeAll(async () => {
    before = await committed(await twoNights({ vectors: { precision } }));
    finished = await finish(before.copy());
  });

  it('joins parts that were joined before', async () => {
    const { compacted } = finished.manifest;
    expect(compacted!.parts).toBeGreaterThan(compacted!.joined);
    expect(ownJoined(finished).some(({ sources }) => sources!.length > 2)).toBe(true);
    expect(contentFaults(await contentOf(finished, []))).toEqual([]);
  });

  it('reads each file once of which rows are moved, and writes each joined file once', async () => {
    const all = new CrashPlan(() => false);
    const { compacted } = (await finish(failingStore(before.copy(), all))).manifest;
    const count = (points: RegExp) => all.points.filter((point) => points.test(point)).length;
    expect(count(/^(get|head):before:.*\/(chunks|vectors)\//u)).toBe(2 * compacted!.parts);
    expect(count(/^put:before:.*\.joined\.parquet$/u)).toBe(2 * compacted!.joined);
  });

  it('goes on after it ended at any write', async () => {
    const all = new CrashPlan(() => false);
    await finish(failingStore(before.copy(), all));
    const readable = all.points.findIndex((point) => point.includes('/third/_SUCCESS'));
    // Whoever ends at another operation leaves what the last write before it left.
    const points = [...all.points.slice(0, readable).entries()].filter(([, point]) =>
      /^put:after:/u.test(point),
    );
    expect(points.length).toBeGreaterThan(10);
    for (const [at] of points) {
      const store = before.copy();
      const crashing = failingStore(store, new CrashPlan((_, index) => index === at));
      await expect(finish(crashing)).rejects.toThrow();
      const { manifest, parts } = await finish(store);
      expect(manifest).toEqual(finished.manifest);
      expect([...parts]).toEqual([...finished.parts]);
    }
  });
});

it('a joined part that another program has written is not overwritten', async () => {
  const store = await committed(await twoNights());
  const finished = await finish(store.copy());
  const [first, second] = ownJoined(finished).map(({ chunks }) => chunks.key);
  const foreign = await finished.store.get(second!);
  await store.put(first!, foreign);
  await expect(finish(store)).rejects.toMatchObject({ code: 'PART_CONFLICT' });
  expect(Buffer.from(await store.get(first!))).toEqual(Buffer.from(foreign));
});

it('rows of a file that was damaged meanwhile are not moved', async () => {
  const store = await committed(await twoNights());
  const parent = await resolveVersion(store, { dataset: 'test', selector: 'n2' });
  for (const { vectors } of parent.parts) {
    const damaged = store.copy();
    const bytes = Buffer.from(await store.get(vectors.key));
    bytes[100]! ^= 1;
    await damaged.put(vectors.key, bytes);
    const ended = finish(damaged).then(({ parts }) =>
      [...parts].some((part) => part.vectors.key === vectors.key),
    );
    // A part that stays as it is is not read.
    await expect(ended.catch(({ code, file }) => [code, file])).resolves.toSatisfy(
      (end) => end === true || `${end}` === `CHECKSUM_MISMATCH,${store.root}/${vectors.key}`,
    );
  }
});

it('answers of a version with joined parts are those of a version without a parent', async () => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
  const nights = await twoNights();
  const found = await contentOf(await nights.run(THIRD), CONTENT_QUERIES);
  const whole = await contentOf(await nights.whole(), CONTENT_QUERIES);
  expect([...contentFaults(found), ...contentDifferences(found, whole)]).toEqual([]);
});
