import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobRecord } from '../../../core/job-spec.js';
import type { Manifest } from '../../../core/manifest.js';
import type { ActivityPosition } from '../../../core/progress.js';
import { chunkShard } from '../../../engine/steps/chunk-shard.js';
import { embedShard } from '../../../engine/steps/embed-shard.js';
import type { PartEvent } from '../../../engine/steps/step-context.js';
import { writeManifest } from '../../../engine/steps/write-manifest.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, scanVersion, startVersion, testProcess, testRun } from '../../support/test-tools.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  writeCorpus(folder, {
    'a.jsonl': [...documents(9, 25, 'a'), '{"broken"', { _id: 'a-3', text: 'a duplicate' }],
    'b.jsonl': documents(4, 70, 'b'),
  });
});

/** Returns the manifest of the same job, run without any disturbance into another output. */
async function undisturbed(): Promise<Manifest> {
  return runJob(testProcess(), testJob(folder, { output: './undisturbed' }));
}

describe('two attempts at one shard', () => {
  it('that race leave one commit, which both return, and the manifest of an undisturbed run', async () => {
    const job = testJob(folder);
    const [left, right] = [testProcess(), testProcess()];
    const version = await startVersion(left, job);
    const duplicates = await scanVersion(left, version, testRun());
    for (const { shard } of await version.plan()) {
      const attempts = [left, right].map(async (process) => {
        const own = await process.open(job);
        const chunked = await chunkShard(process.tools, own, { shard, duplicates }, testRun());
        // How many of the other's parts each attempt found is a matter of chance.
        const { adopted: _, ...commit } = await embedShard(process.tools, own, shard, testRun());
        return { chunked, commit };
      });
      const [one, other] = await Promise.all(attempts);
      expect(other).toEqual(one);
    }
    expect(withoutTimings(await runJob(testProcess(), job))).toEqual(withoutTimings(await undisturbed()));
    expect(filesBelow(job)).toEqual(filesBelow(testJob(folder, { output: './undisturbed' })));
  });

  it('one after the other compute nothing twice', async () => {
    const job = testJob(folder);
    const first = testProcess();
    const version = await startVersion(first, job);
    const duplicates = await scanVersion(first, version, testRun());
    const chunked = await chunkShard(first.tools, version, { shard: 0, duplicates }, testRun());
    const { adopted: none, ...commit } = await embedShard(first.tools, version, 0, testRun());
    expect(none).toEqual({ chunks: 0, tokens: 0 });
    const second = testProcess();
    const again = await second.open(job);
    expect(await chunkShard(second.tools, again, { shard: 0, duplicates }, testRun())).toEqual(chunked);
    const { chunks, tokens } = commit;
    expect(await embedShard(second.tools, again, 0, testRun())).toEqual({
      ...commit,
      adopted: { chunks, tokens },
    });
    expect(second.events).toEqual([]);
  });

  it('distinguish what an earlier run embedded from what an earlier attempt of this run embedded', async () => {
    const job = testJob(folder);
    const process = testProcess();
    const version = await startVersion(process, job);
    const duplicates = await scanVersion(process, version, testRun());
    const { parts } = await chunkShard(process.tools, version, { shard: 0, duplicates }, testRun());
    expect(parts.length).toBeGreaterThan(2);
    /** Stops after this many parts, and returns the last position. */
    const embedUntil = async (count: number, before?: ActivityPosition): Promise<ActivityPosition> => {
      const stop = new AbortController();
      let last: ActivityPosition | undefined;
      const onPosition = (position: ActivityPosition) => {
        last = position;
        if (position.rows === parts[count - 1]!.end) stop.abort();
      };
      const run = { ...testRun(), signal: stop.signal, before, onPosition };
      await expect(embedShard(process.tools, version, 0, run)).rejects.toMatchObject({ code: 'CANCELLED' });
      return last!;
    };
    await embedUntil(1);
    const before = await embedUntil(2);
    const found = { chunks: parts[0]!.end, tokens: parts[0]!.tokens };
    expect(before).toMatchObject({ rows: parts[1]!.end, adopted: found });
    expect((await embedShard(process.tools, version, 0, { ...testRun(), before })).adopted).toEqual(found);
  });

  it('leave one manifest when they race at it', async () => {
    const job = testJob(folder);
    const manifest = await runJob(testProcess(), job);
    const version = await testProcess().open(job);
    const again = await Promise.all(
      [3000, 4000].map((finishedAt) => writeManifest(version, { startedAt: 0, finishedAt }, testRun())),
    );
    expect(again.map((written) => written.manifest)).toEqual([manifest, manifest]);
  });
});

describe('a job that is stopped', () => {
  it('at any one of its parts is resumed to the manifest of an undisturbed run', async () => {
    const expected = withoutTimings(await undisturbed());
    for (let stopAt = 1; ; stopAt += 1) {
      const job = testJob(folder, { output: `./stopped-${stopAt}` });
      const { events, stopped } = await runUntilPart(job, stopAt);
      const resuming = testProcess();
      expect(withoutTimings(await runJob(resuming, job)), `part ${stopAt}`).toEqual(expected);
      expect(partsStartedTwice([...events, ...resuming.events])).toBeLessThanOrEqual(1);
      if (stopped) continue;
      expect(stopAt).toBeGreaterThan(8);
      break;
    }
  });

  it('again and again computes at most one part twice each time', async () => {
    const job = testJob(folder);
    const events: PartEvent[] = [];
    let stops = 0;
    for (;;) {
      const life = await runUntilPart(job, 2);
      events.push(...life.events);
      if (!life.stopped) break;
      stops += 1;
    }
    expect(stops).toBeGreaterThan(3);
    expect(partsStartedTwice(events)).toBeLessThanOrEqual(stops);
    expect(withoutTimings(await runJob(testProcess(), job))).toEqual(withoutTimings(await undisturbed()));
  });

  it('before it began has written nothing of a shard', async () => {
    const job = testJob(folder);
    const process = testProcess();
    const version = await startVersion(process, job);
    const stopped = testRun(AbortSignal.abort());
    await expect(scanVersion(process, version, stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(
      chunkShard(process.tools, version, { shard: 0, duplicates: [] }, stopped),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(filesBelow(job)).toEqual(['job.json', 'plan.parquet']);
    expect(process.events).toEqual([]);
  });
});

/** Runs the job in a process that is asked to stop when it begins its n-th part. */
async function runUntilPart(
  job: JobRecord,
  stopAt: number,
): Promise<{ events: PartEvent[]; stopped: boolean }> {
  const stop = new AbortController();
  let parts = 0;
  const process = testProcess({
    onPart: ({ event }) => {
      parts += event === 'part.started' ? 1 : 0;
      if (parts === stopAt) stop.abort();
    },
  });
  try {
    await runJob(process, job, testRun(stop.signal));
  } catch (error) {
    expect(error).toMatchObject({ code: 'CANCELLED' });
    return { events: process.events, stopped: true };
  }
  return { events: process.events, stopped: false };
}

function withoutTimings({ timings: _, ...manifest }: Manifest) {
  return manifest;
}

function partsStartedTwice(events: readonly PartEvent[]): number {
  const started = events.filter(({ event }) => event === 'part.started');
  return (
    started.length - new Set(started.map(({ stage, shard, start }) => `${stage} ${shard} ${start}`)).size
  );
}

function filesBelow({ spec }: JobRecord): string[] {
  const root = join(new URL(spec.output).pathname, spec.dataset, 'versions', spec.version);
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
