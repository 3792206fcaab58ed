import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ShardCommit } from '../../../core/commit.js';
import { type JobRecord, withParent } from '../../../core/job-spec.js';
import { versionLayout } from '../../../core/layout.js';
import type { ProbeRecord } from '../../../core/manifest.js';
import type { Embedder } from '../../../engine/model/embedder.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { findParent } from '../../../engine/version/find-parent.js';
import { readLiveVectors } from '../../../engine/version/live-rows.js';
import { readJsonRecord } from '../../../engine/version/read-json-record.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { runJobLocally } from '../../../local/run-job.js';
import { editRecord } from '../../support/edit-record.js';
import { notingEmbedder } from '../../support/noting-embedder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { testProcess } from '../../support/test-tools.js';

const PROBES = 3;
const FIRST = { 'a.jsonl': documents(4, 20, 'a') };
/** Four further objects, of a shard and two parts each. */
const MORE = Object.fromEntries(
  Array.from({ length: 4 }, (_, object) => [`m${object}.jsonl`, documents(8, 15, `m${object}`)]),
);

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  writeCorpus(folder, FIRST);
});

const store = () => openStore(join(folder, 'out'));

/** Returns the job of a night whose parent is what `current` names. */
async function nightJob(version: string, more: Record<string, unknown> = {}): Promise<JobRecord> {
  const job = testJob(folder, { version, ...more });
  return withParent(job, await findParent(store(), job));
}

/** Runs a night, and returns its version and the number of texts that it computed. */
async function night(job: JobRecord, embedder?: Embedder) {
  const texts: string[] = [];
  const { tools } = testProcess({ embedder: notingEmbedder(texts, embedder) });
  await runJobLocally(job, tools, new AbortController().signal).done;
  const version = await resolveVersion(store(), { dataset: 'test', selector: job.spec.version });
  return { version, reused: version.manifest.reused, computed: texts.length - PROBES };
}

/** Runs a night that is stopped after it has written so many parts. */
async function stoppedNight(job: JobRecord, parts: number): Promise<void> {
  const stop = new AbortController();
  let written = 0;
  const { tools } = testProcess({
    onPart: ({ event, stage }) => {
      if (event === 'part.written' && stage === 'embed' && ++written === parts) stop.abort();
    },
  });
  await expect(runJobLocally(job, tools, stop.signal).done).rejects.toMatchObject({ code: 'CANCELLED' });
}

/** Returns the rows of the shards that a version has committed. */
async function committedRows(version: string): Promise<number> {
  let rows = 0;
  for await (const { key } of store().list(versionLayout('test', version).commits))
    rows += (await readJsonRecord<ShardCommit>(store(), key, 1)).chunks;
  return rows;
}

/** Returns the vectors of a version by their chunks. */
async function vectorsOf(selector: string): Promise<Map<string, string>> {
  const version = await resolveVersion(store(), { dataset: 'test', selector });
  const vectors = new Map<string, string>();
  for (const part of version.parts) {
    const { chunkIds, vectors: values, dimensions } = await readLiveVectors(version, part);
    for (const [row, id] of chunkIds.entries())
      vectors.set(id, values.subarray(row * dimensions, (row + 1) * dimensions).join());
  }
  return vectors;
}

describe('a night after one that failed', () => {
  it.each(['float32', 'int8', 'binary'])(
    'computes what that one has not committed, in %s',
    async (precision) => {
      const more = { vectors: { precision } };
      await night(await nightJob('n1', more));
      writeCorpus(folder, MORE);
      await stoppedNight(await nightJob('n2', more), 5);
      const committed = await committedRows('n2');
      expect(committed).toBeGreaterThan(0);
      const { version, reused, computed } = await night(await nightJob('n3', more));
      const { chunks } = version.manifest.totals;
      expect(reused).toMatchObject({ lent: { 'test@n2': committed }, computed, carried: 4, repeated: 0 });
      expect(computed).toBe(chunks - 4 - committed);
      expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
      // What is computed alone is the same.
      await night({ ...(await nightJob('alone', { ...more, parent: 'n1' })), recompute: true });
      if (precision !== 'int8') expect(await vectorsOf('n3')).toEqual(await vectorsOf('alone'));
    },
  );

  it('takes nothing of a shard that is not committed', async () => {
    await night(await nightJob('n1'));
    writeCorpus(folder, { 'm.jsonl': documents(8, 15, 'm') });
    await stoppedNight(await nightJob('n2'), 1);
    expect(await committedRows('n2')).toBe(0);
    const { version, computed } = await night(await nightJob('n3'));
    expect(computed).toBe(version.manifest.totals.chunks - 4);
    expect(version.manifest.reused?.lent).toEqual({});
  });

  it.each(['float32', 'uint8'])('also where there is no parent yet, in %s', async (precision) => {
    const more = { vectors: { precision } };
    writeCorpus(folder, MORE);
    await stoppedNight(await nightJob('n1', more), 5);
    const { version, reused, computed } = await night(await nightJob('n2', more));
    expect(reused!.lent['test@n1']).toBeGreaterThan(0);
    expect(computed).toBe(version.manifest.totals.chunks - reused!.lent['test@n1']!);
    expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
    await night(await nightJob('alone', { ...more, parent: 'none', ref: 'none' }));
    expect(await vectorsOf('n2')).toEqual(await vectorsOf('alone'));
  });

  it('also where that one was finished and failed later, so that its ref did not move', async () => {
    await night(await nightJob('n1'));
    writeCorpus(folder, MORE);
    const unmoved = await night(await nightJob('n2', { ref: 'none', parent: 'n1' }));
    const { reused, computed } = await night(await nightJob('n3'));
    expect(computed).toBe(0);
    expect(reused?.lent).toEqual({ 'test@n2': unmoved.computed });
  });
});

describe('a night that failed lends nothing', () => {
  /** Runs a night that fails, and the next one, which must compute everything. */
  async function expectNothingLent({
    second = {},
    third = {},
    change = () => {},
    embedder,
  }: {
    second?: Record<string, unknown>;
    third?: Record<string, unknown> & { recompute?: boolean };
    change?: () => void;
    embedder?: Embedder;
  }): Promise<void> {
    await night(await nightJob('n1'));
    writeCorpus(folder, MORE);
    await stoppedNight(await nightJob('n2', second), 5);
    expect(await committedRows('n2')).toBeGreaterThan(0);
    change();
    const { recompute, ...more } = third;
    const { version, computed } = await night(
      { ...(await nightJob('n3', more)), ...(recompute && { recompute }) },
      embedder,
    );
    expect(Object.keys(version.manifest.reused?.lent ?? {})).not.toContain('test@n2');
    expect(computed).toBe(version.manifest.totals.chunks - (version.manifest.reused?.carried ?? 0));
    expect((await verifyVersion(version, embedder ?? testEmbedder())).differences).toEqual([]);
  }
  const fileOf = (path: string) => join(folder, 'out/test/versions/n2', path);

  it('to one that computes everything', () => expectNothingLent({ third: { recompute: true } }));

  it('to one that says that it has no parent', () => expectNothingLent({ third: { parent: 'none' } }));

  it('where it has no probe', () =>
    expectNothingLent({ change: () => writeFileSync(fileOf('probe.json'), '{}') }));

  it('where the model has answered otherwise', () =>
    expectNothingLent({
      change: () => {
        editRecord(fileOf('probe.json'), ({ vectors, ...probe }: ProbeRecord) => ({
          ...probe,
          vectors: vectors.map((row) => row.map((value) => value + 0.1)),
        }));
      },
    }));

  it('where its job is of another model', () =>
    expectNothingLent({
      change: () => {
        editRecord(fileOf('job.json'), (job) => ({ ...job, fingerprint: '0'.repeat(64) }));
      },
    }));
});

it('takes nothing out of a damaged file of a night that failed, and goes on', async () => {
  await night(await nightJob('n1'));
  writeCorpus(folder, MORE);
  await stoppedNight(await nightJob('n2'), 5);
  const committed = await committedRows('n2');
  const [file] = await commitsOf('n2');
  const path = join(folder, 'out', file!.vectorParts[0]!.key);
  const bytes = readFileSync(path);
  bytes[40]! ^= 1;
  writeFileSync(path, bytes);
  const { version, reused } = await night(await nightJob('n3'));
  const { start, end } = file!.vectorParts[0]!;
  expect(reused?.lent).toEqual({ 'test@n2': committed - (end - start) });
  expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
});

it('lets the newest three of those lend that have something', async () => {
  await night(await nightJob('n1'));
  for (const [place, name] of ['n2', 'n3', 'n4', 'n5'].entries()) {
    writeCorpus(folder, { 'm.jsonl': documents(4, 15, `only-${place}`) });
    await night(await nightJob(name, { ref: 'none', parent: 'n1' }));
  }
  writeCorpus(folder, { 'm.jsonl': [0, 1, 2, 3].flatMap((place) => documents(4, 15, `only-${place}`)) });
  const { reused, computed } = await night(await nightJob('n6'));
  expect(Object.keys(reused!.lent).sort()).toEqual(['test@n3', 'test@n4', 'test@n5']);
  expect(computed).toBe(4);
});

async function commitsOf(version: string): Promise<ShardCommit[]> {
  const commits: ShardCommit[] = [];
  for await (const { key } of store().list(versionLayout('test', version).commits))
    commits.push(await readJsonRecord<ShardCommit>(store(), key, 1));
  return commits;
}
