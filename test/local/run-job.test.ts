import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import type { Manifest } from '../../core/manifest.js';
import { openStore } from '../../engine/store/open-store.js';
import { verifyVersion } from '../../engine/verify/verify-version.js';
import { finishedVersion } from '../../engine/version/finished-version.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { listedFiles } from '../support/listed-files.js';
import { canMount, mountFolder } from '../support/mounted-folder.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testEmbedder } from '../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../support/test-job.js';
import { runJob, type TestProcess, testProcess } from '../support/test-tools.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  writeCorpus(folder, {
    'a.jsonl': [...documents(20, 25, 'a'), '{"broken"', { _id: 'a-3', text: 'a duplicate' }],
    'b.jsonl': documents(15, 60, 'b'),
    'c.jsonl': documents(15, 40, 'c'),
  });
});

const never = new AbortController().signal;

function runHere(process: TestProcess, job: JobRecord, signal = never) {
  return runJobLocally(job, process.tools, signal);
}

/**
 * Returns the content of a version, whoever wrote it and when: its manifest without the times, and
 * the bytes of its other files.
 */
async function contentOf(job: JobRecord): Promise<Record<string, unknown>> {
  const store = openStore(job.spec.output);
  const manifest = (await finishedVersion(store, job))!;
  const { timings: _, ...lasting } = manifest;
  const { chunkFiles, vectorFiles } = await listedFiles(store, manifest);
  const files = [...vectorFiles, ...chunkFiles].map(({ key }) => [
    key,
    readFileSync(join(new URL(job.spec.output).pathname, key)).toString('hex'),
  ]);
  return { lasting, ...Object.fromEntries(files) };
}

async function isWhole(job: JobRecord): Promise<void> {
  const version = await resolveVersion(openStore(job.spec.output), { dataset: 'test', selector: 'v1' });
  expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
}

describe.each(['float32', 'int8', 'binary'])('a job of %s vectors, run in this process', (precision) => {
  const jobOf = (output: string) => testJob(folder, { output, vectors: { precision } });

  it('writes what its steps write one after the other, and reports what it did', async () => {
    const [job, plain] = [jobOf('./out'), jobOf('./plain')];
    const local = runHere(testProcess(), job);
    const summary = await local.done;
    await runJob(testProcess(), plain);
    expect(await contentOf(job)).toEqual(await contentOf(plain));
    await isWhole(job);
    expect(summary).toMatchObject({
      fingerprint: job.fingerprint,
      vectorPrecision: precision,
      totals: { documents: 50 },
      rejects: { DUPLICATE_ID: 1 },
    });
    const { progress, totals, positions, retries } = local.observe();
    expect(progress).toMatchObject({ phase: 'done', scanned: { documents: 50 } });
    expect(totals).toMatchObject({ shards: progress.plan!.shards, chunks: summary.totals.chunks });
    expect({ positions, retries }).toEqual({ positions: [], retries: 0 });
  });

  it('paused at any part, goes on from the parts that it finished', async () => {
    const undisturbed = jobOf('./undisturbed');
    const events = testProcess();
    await runHere(events, undisturbed).done;
    const parts = events.events.filter(({ event }) => event === 'part.started').length;
    for (const stopAt of [1, 2, Math.ceil(parts / 2), parts - 1]) {
      const job = jobOf(`./paused-${stopAt}`);
      const stop = new AbortController();
      let started = 0;
      const first = testProcess({
        onPart: ({ event }) => {
          if (event === 'part.started') started += 1;
          if (started === stopAt) stop.abort();
        },
      });
      await expect(runHere(first, job, stop.signal).done).rejects.toMatchObject({ code: 'CANCELLED' });
      const second = testProcess();
      await runHere(second, job).done;
      expect(await contentOf(job)).toEqual(await contentOf(undisturbed));
      const written = [...first.events, ...second.events].filter(({ event }) => event === 'part.written');
      const names = written.map(({ stage, shard, start }) => `${stage}/${shard}/${start}`);
      expect(names).toHaveLength(new Set(names).size);
    }
  });

  it('beside another run of the same job ends with one result, whoever is first', async () => {
    const [job, plain] = [jobOf('./out'), jobOf('./plain')];
    const summaries = await Promise.all(
      [testProcess(), testProcess(), testProcess()].map((process) => runHere(process, job).done),
    );
    await runJob(testProcess(), plain);
    expect(await contentOf(job)).toEqual(await contentOf(plain));
    await isWhole(job);
    const manifests = summaries.map(({ totals, manifest }) => ({ totals, manifest }));
    expect(new Set(manifests.map((manifest) => JSON.stringify(manifest))).size).toBe(1);
    const left: string[] = [];
    for await (const { key } of openStore(job.spec.output).list(versionLayout('test', 'v1').float32Prefix))
      left.push(key);
    expect(left).toEqual([]);
  });

  it('again, finds all done', async () => {
    const job = jobOf('./out');
    await runHere(testProcess(), job).done;
    const process = testProcess();
    expect(await runHere(process, job).done).toMatchObject({ wasComplete: true });
    expect(process.events).toEqual([]);
  });
});

describe('a job that fails in this process', () => {
  it('stops before it embeds where too many documents are bad', async () => {
    const job = testJob(folder, { limits: { reject_share: 0.001, concurrency: 2 } });
    const process = testProcess();
    await expect(runHere(process, job).done).rejects.toMatchObject({ code: 'REJECTS_EXCEEDED' });
    expect(process.events).toEqual([]);
  });

  it('fails with what the first shard fails with, and lets the others put away their parts', async () => {
    const job = testJob(folder);
    let calls = 0;
    const process = testProcess();
    const { withEmbedder } = process.tools;
    process.tools.withEmbedder = async (own, use) => {
      calls += 1;
      if (calls === 3)
        throw new VectormillError('MODEL_INVALID', 'the model is broken', { component: 'test', remedy: '' });
      return withEmbedder(own, use);
    };
    await expect(runHere(process, job).done).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    const { length: calledThen } = process.events;
    expect((await runHere(testProcess(), job).done).totals.documents).toBe(50);
    expect(process.events).toHaveLength(calledThen);
  });

  it('tries again what may pass, and says so', async () => {
    const job = testJob(folder);
    const process = testProcess();
    const { withEmbedder } = process.tools;
    let failures = 2;
    process.tools.withEmbedder = async (own, use) => {
      failures -= 1;
      if (failures >= 0)
        throw new VectormillError('STORE_UNAVAILABLE', 'the store is away', {
          component: 'test',
          remedy: '',
        });
      return withEmbedder(own, use);
    };
    const local = runHere(process, job);
    const manifest: Promise<Manifest | undefined> = local.done.then(() =>
      finishedVersion(openStore(job.spec.output), job),
    );
    expect((await manifest)?.totals.documents).toBe(50);
    expect(local.observe()).toMatchObject({ retries: 2, lastFailure: undefined });
  });
});

describe.skipIf(!canMount)('a disk (needs permission to mount a file system)', () => {
  const settings = { vectors: { precision: 'int8' } };

  /** Runs the job on a disk that is well, and compares its version with an undisturbed one. */
  async function goesOn(job: JobRecord): Promise<void> {
    await runHere(testProcess(), job).done;
    const undisturbed = testJob(folder, settings);
    await runHere(testProcess(), undisturbed).done;
    expect(await contentOf(job)).toEqual(await contentOf(undisturbed));
  }

  it('that turns read-only in the middle stops the job, which goes on once it is mounted again', async () => {
    const disk = mountFolder('size=10m');
    const job = testJob(folder, { ...settings, output: disk.path });
    let parts = 0;
    const process = testProcess({
      onPart: ({ event }) => {
        if (event === 'part.written') parts += 1;
        if (parts === 3) disk.makeReadOnly();
      },
    });
    const failed = expect(runHere(process, job).done).rejects;
    await failed.toMatchObject({ code: 'STORE_DENIED', hasBegun: true });
    disk.makeWritable('size=10m');
    await goesOn(job);
  });

  it('that is full in the middle stops the job, which goes on once there is room', async () => {
    const disk = mountFolder('size=10m');
    const job = testJob(folder, { ...settings, output: disk.path });
    const ballast = join(disk.path, 'ballast');
    let parts = 0;
    const process = testProcess({
      onPart: ({ event }) => {
        if (event === 'part.written') parts += 1;
        if (parts === 3) expect(() => writeFileSync(ballast, Buffer.alloc(20 << 20))).toThrow('ENOSPC');
      },
    });
    await expect(runHere(process, job).done).rejects.toMatchObject({ code: 'STORE_FULL' });
    rmSync(ballast);
    await goesOn(job);
  });
});

describe('an error that is a refusal elsewhere', () => {
  it('is a failure once the version is claimed', async () => {
    const job = testJob(folder, { input: './nothing' });
    await expect(runHere(testProcess(), job).done).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      hasBegun: true,
    });
    expect(await openStore(job.spec.output).head(versionLayout('test', 'v1').job)).toBeDefined();
  });

  it("stays a refusal where the version is another job's, which is left as it was", async () => {
    const job = testJob(folder, {});
    await runHere(testProcess(), job).done;
    const before = await contentOf(job);
    const other = testJob(folder, { parts: { rows: 5 } });
    await expect(runHere(testProcess(), other).done).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
      hasBegun: false,
    });
    expect(await contentOf(job)).toEqual(before);
  });
});
