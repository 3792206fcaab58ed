import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { SecondManifest } from '../../core/manifest.js';
import { nightWorkflowId } from '../../core/workflow-api.js';
import type { MiningManifest } from '../../engine/mining/finish-mining.js';
import { FileStore } from '../../engine/store/file-store.js';
import { runCli, spawnCli } from '../support/built-cli.js';
import { letterDocuments } from '../support/letter-documents.js';
import { eventually } from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { INDEX, MANY, MINE, namespace, nightly, POOR_INDEX, withoutWorker } from './nights.js';

const AT = '2026-03-01T02:00:00Z';
const VERSION = 'letters-20260301T020000Z';
/** An index without graphs, whose bytes would depend on the order of threads. */
const EXACT = { exact_below: 100_000 };
/** Limits by which a night has many small parts. */
const SMALL_PARTS = { parts: { rows: 8 }, shard_bytes: 4096 };

/** Returns a night over many parts that is always of the same version. */
function manyParts() {
  const night = nightly('letters', {}, letterDocuments(240));
  const { job, ...others } = JSON.parse(readFileSync(night.file, 'utf8'));
  const whole = { ...others, job: { ...job, ...SMALL_PARTS }, mine: MINE, index: EXACT };
  writeFileSync(night.file, JSON.stringify(whole));
  const versions = join(night.folder, 'out', 'letters', 'versions', VERSION);
  const isThere = (...path: string[]) => existsSync(join(versions, ...path));
  const parts = () =>
    existsSync(join(versions, 'vectors'))
      ? readdirSync(join(versions, 'vectors'), { recursive: true }).length
      : 0;
  return { ...night, isThere, parts };
}
type ManyParts = ReturnType<typeof manyParts>;

/** Returns the bytes of a night's files by their hashes, and what it counted. */
function contentOf({ read }: ManyParts): unknown {
  const at = `versions/${VERSION}`;
  const { totals, lists } = read<SecondManifest>(`${at}/manifest.json`);
  const triplets = read<MiningManifest>(`${at}/triplets/triplets/manifest.json`);
  const {
    source: _,
    checksum: __,
    ...index
  } = read<{ source: unknown; checksum: string }>(`${at}/index/main/manifest.json`);
  const { parent, scheduledAt } = read<{ parent: unknown; scheduledAt: number }>(`${at}/lineage.json`);
  // The list of slices names the objects, which lie in a folder of each test.
  const { corpus, ...files } = lists;
  const hashes = [files, corpus?.documents, triplets.files.map(({ key, sha256 }) => [key, sha256])];
  const { version, previous } = read<{ version: string; previous: unknown }>('refs/current.json');
  return { totals, hashes, mined: triplets.totals, index, parent, scheduledAt, version, previous };
}

const here = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
const line = (file: string, ...more: string[]) => ['night', file, '--at', AT, ...more];

let undisturbed: Promise<unknown> | undefined;

/** Expects of a finished night what the first such night has made, which nothing disturbed. */
async function isAsUndisturbed(night: ManyParts): Promise<void> {
  undisturbed ??= (async () => {
    const first = manyParts();
    expect(await runCli(line(first.file, '--local'), here)).toMatchObject({ code: 0 });
    return contentOf(first);
  })();
  expect(contentOf(night)).toEqual(await undisturbed);
}

beforeAll(() => {
  vi.stubEnv('npm_command', '');
});

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('a night in this process', () => {
  test('makes a version, its lineage and its ref, and the next one makes the next version', async () => {
    const { file, folder, read } = nightly('here', { mine: MINE, index: INDEX });
    const first = await vectormillJson('night', file);
    expect(first).toMatchObject({ code: 0, json: { schedule: 'here', continued: false, notes: [] } });
    const { night, lineage, state } = first.json.night;
    expect({ state, parent: night.parent }).toEqual({ state: 'complete', parent: null });
    expect(night.steps).toMatchObject([
      { step: 'embed', state: 'done', workflowId: null, counts: { documents: 30, chunks: 30, rejects: 0 } },
      { step: 'mine', state: 'done', counts: { queries: 30, triplets: 60 } },
      { step: 'index', state: 'done', counts: { rows: 30 } },
    ]);
    expect(lineage).toMatch(new RegExp(`/versions/${night.version}/lineage\\.json$`));
    expect(read('refs/current.json')).toMatchObject({ version: night.version, previous: null });

    const files = await filesBelow(folder);
    expect(await vectormill('night', file)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^the night: no version, nothing has changed\n(?!.*embed)/s),
    });
    expect(await vectormillJson('night', file)).toMatchObject({
      code: 0,
      json: { night: { state: 'unchanged', night: { parent: night.version }, lineage: null } },
    });
    expect(await filesBelow(folder)).toEqual(files);

    writeCorpus(folder, { 'b.jsonl': letterDocuments(1, 30) });
    const { code, stdout } = await vectormill('night', file, '--local', '--at', 'now');
    expect(code).toBe(0);
    const [, next] = /^the night: here@(here-\S+), complete\n/.exec(stdout) ?? [];
    expect(stdout).toMatch(/embed +done \(\d+s\): 31 documents, 31 chunks, \d+ tokens, 0 rejects\n/);
    expect(stdout).toMatch(/mine +done \(\d+s\): 31 queries, 62 triplets/);
    const since = '1 document added, 0 changed, 0 deleted, 30 carried over; 1 chunk computed';
    expect(stdout).toContain(`changes    ${since}`);
    const changes = { added: 1, changed: 0, deleted: 0, carried: 30 };
    expect(read(`versions/${next}/manifest.json`)).toMatchObject({ changes });
    const place = join(folder, 'out', 'here');
    expect((await vectormill('inspect', place)).stdout).toContain(`changes      ${since}`);
    expect((await vectormillJson('inspect', place)).json).toMatchObject({ changes });
    expect(read(`versions/${next}/lineage.json`)).toMatchObject({ schedule: 'here', parent: night.version });
    expect(read('refs/current.json')).toMatchObject({ version: next, previous: night.version });
  });

  test('lists an input that has not changed once', async () => {
    const { file, folder } = nightly('listed');
    await vectormill('night', file);
    const lists = vi.spyOn(FileStore.prototype, 'list');
    expect((await vectormillJson('night', file)).json.night.state).toBe('unchanged');
    const listed = lists.mock.calls.map(
      ([prefix], call) => `${(lists.mock.contexts[call] as FileStore).root}/${prefix}`,
    );
    lists.mockRestore();
    expect(listed.filter((prefix) => prefix.startsWith(`file://${folder}/corpus`))).toHaveLength(1);
  });

  test('with queries of files makes no version while these are as they were', async () => {
    const queries = (...lines: unknown[]) => lines.map((line) => JSON.stringify(line)).join('\n');
    const pair = (query: string) => ({ query, positive: 'd1' });
    const { file, folder, write } = nightly('paired', { mine: { ...MINE, pairs: './pairs.jsonl' } });
    writeFileSync(join(folder, 'pairs.jsonl'), queries(pair('a b')));
    const night = async () => {
      const { code, json } = await vectormillJson('night', file);
      expect(code).toBe(0);
      return [json.night.state, json.night.night.steps[1]?.counts.queries];
    };
    expect(await night()).toEqual(['complete', 1]);
    expect(await night()).toEqual(['unchanged', undefined]);
    writeFileSync(join(folder, 'pairs.jsonl'), queries(pair('a b'), pair('c d')));
    expect(await night()).toEqual(['complete', 2]);
    expect(await night()).toEqual(['unchanged', undefined]);

    const beir = { queries: './queries.jsonl', qrels: './qrels.tsv' };
    writeFileSync(join(folder, 'queries.jsonl'), queries({ _id: 'q1', text: 'a b' }));
    writeFileSync(join(folder, 'qrels.tsv'), 'query-id\tcorpus-id\tscore\nq1\td1\t1\n');
    write({ mine: { ...MINE, beir } });
    expect(await night()).toEqual(['complete', 1]);
    expect(await night()).toEqual(['unchanged', undefined]);
    writeFileSync(join(folder, 'qrels.tsv'), 'query-id\tcorpus-id\tscore\nq1\td2\t1\n');
    expect(await night()).toEqual(['complete', 1]);
  });

  test('computes every vector again with --recompute, though nothing has changed', async () => {
    const { file, read } = nightly('again');
    const before = (await vectormillJson('night', file)).json.night.night.version;
    const { code, json } = await vectormillJson('night', file, '--recompute');
    expect({ code, json }).toMatchObject({ code: 0, json: { night: { state: 'complete' } } });
    const { version } = json.night.night;
    expect(read(`versions/${version}/job.json`)).toMatchObject({ parent: before, recompute: true });
    expect(read<SecondManifest>(`versions/${version}/manifest.json`)).toMatchObject({ origins: [version] });
    expect(read<SecondManifest>(`versions/${version}/manifest.json`).reused?.lent ?? {}).toEqual({});
    expect((await vectormillJson('night', file)).json.night.state).toBe('unchanged');
  });

  test('that fails leaves the ref, and the same command goes on with it once it is mended', async () => {
    const { file, write, read } = nightly('mended', { index: INDEX }, MANY);
    const before = (await vectormillJson('night', file)).json.night.night.version;
    write({ index: POOR_INDEX });
    const failed = await vectormill('night', file, '--at', 'now');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^the night: mended@mended-\S+, failed at index\n[\s\S]*RECALL_TOO_LOW: /);
    const [again] = /vectormill night \S+ --local --at \S+Z(?=` goes on)/.exec(failed.stdout) ?? [''];
    expect(read('refs/current.json')).toMatchObject({ version: before });

    write({ index: INDEX });
    const mended = await vectormillJson('night', file);
    expect(mended).toMatchObject({
      code: 0,
      json: { continued: true, night: { state: 'complete', night: { parent: before } } },
    });
    const { version } = mended.json.night.night;
    expect(failed.stdout).toContain(`mended@${version}, failed`);
    expect(read('refs/current.json')).toMatchObject({ version });
    // It finds all done, and reports the same.
    const files = await filesBelow(file.replace(/nightly\.yaml$/, 'out'));
    expect(await vectormill(...again.split(' ').slice(1))).toMatchObject({ code: 0 });
    expect(await filesBelow(file.replace(/nightly\.yaml$/, 'out'))).toEqual(files);
  });

  test('is another one than that of the same second', async () => {
    const { file, folder, read } = nightly('second');
    const second = Math.floor(Date.now() / 1000) * 1000;
    vi.useFakeTimers({ toFake: ['Date'], now: second + 990 });
    try {
      const ends = [];
      for (const [number, more] of [[], ['--at', 'now'], []].entries()) {
        writeCorpus(folder, { 'b.jsonl': letterDocuments(1, 30 + number) });
        ends.push((await vectormillJson('night', file, ...more)).json);
      }
      const at = (ms: number) => new Date(ms).toISOString();
      expect(ends).toMatchObject(
        [second, second + 1000, second + 2000].map((ms) => ({
          continued: false,
          night: { state: 'complete', scheduledAt: at(ms) },
        })),
      );
      expect(read('refs/current.json')).toMatchObject({ version: ends[2].night.night.version });
      expect(readdirSync(join(folder, 'out', 'second', 'versions'))).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test('over a folder that is not filled yet ends without a version', async () => {
    const { file } = nightly('filling', {}, []);
    const { code, json } = await vectormillJson('night', file);
    expect({ code, json }).toMatchObject({ code: 0, json: { night: { state: 'empty', lineage: null } } });
    expect(json.notes).toEqual([expect.stringContaining('until there are documents')]);
  });

  test('is paused by Ctrl-C, and the command that is printed goes on with it', async () => {
    const night = manyParts();
    const child = spawnCli(line(night.file), here);
    let stderr = '';
    child.stderr!.on('data', (data) => {
      stderr += data;
    });
    await eventually(async () => night.parts() > 4);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    const again = /vectormill (night \S+ --local --at \S+)` goes on with it/.exec(stderr)?.[1] ?? '';
    expect(stderr).toContain(`the night letters@${VERSION} is paused: its finished parts are kept.`);
    expect(night.isThere('manifest.json')).toBe(false);
    expect(await runCli(again.split(' '), here)).toMatchObject({ code: 0 });
    await isAsUndisturbed(night);
  });

  test('that is killed at any moment ends as an undisturbed one, byte for byte', async () => {
    const night = manyParts();
    const moments: [string, () => boolean][] = [
      ['embedding', () => night.parts() > 8],
      ['readable', () => night.isThere('manifest.json')],
      ['mining', () => night.isThere('triplets', 'triplets', 'plan.json')],
      ['mined', () => night.isThere('triplets', 'triplets', 'manifest.json')],
      ['with its lineage', () => night.isThere('lineage.json')],
    ];
    for (const [, isIt] of moments) {
      const child = spawnCli(line(night.file, '--local'), here);
      while (!isIt() && child.exitCode === null) await setTimeout(2);
      await killed(child);
    }
    expect(await runCli(line(night.file, '--local'), here)).toMatchObject({ code: 0 });
    await isAsUndisturbed(night);
  });
});

describe('a night by both executors', () => {
  test('that was killed here is finished by workers, with one result', async () => {
    const night = manyParts();
    const child = spawnCli(line(night.file), here);
    await eventually(async () => night.parts() > 4);
    await killed(child);
    expect(night.isThere('manifest.json')).toBe(false);
    const { code, json } = await vectormillJson(...line(night.file, '--temporal'));
    expect({ code, json }).toMatchObject({
      code: 0,
      json: { continued: true, night: { state: 'complete', scheduledAt: '2026-03-01T02:00:00.000Z' } },
    });
    expect(json.night.workflowId).toBe(`${nightWorkflowId('letters')}-${AT}`);
    await isAsUndisturbed(night);
  });

  test('that lost its workers is finished here, which says that Temporal runs it, with one result', async () => {
    const night = manyParts();
    const detached = vectormill(...line(night.file, '--temporal'));
    await eventually(async () => night.parts() > 4);
    await withoutWorker(async () => {
      process.emit('SIGINT', 'SIGINT');
      const { code, stderr } = await detached;
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining(
          `Detached; the night letters@${VERSION} goes on. \`vectormill night `,
        ),
      });
      expect(night.isThere('manifest.json')).toBe(false);
      expect(await vectormill(...line(night.file, '--local'))).toMatchObject({ code: 0 });
      await isAsUndisturbed(night);
    });
    // The night that Temporal still holds finds all done.
    const handle = namespace.client.workflow.getHandle(`${nightWorkflowId('letters')}-${AT}`);
    expect(await handle.result()).toMatchObject({ outcome: 'complete', version: VERSION });
    await isAsUndisturbed(night);
  });
});

describe('a night is refused', () => {
  test.each([
    ['by both executors at once', ['--local', '--temporal'], 'USAGE'],
    ['at a time to come', ['--at', '2999-01-01T00:00:00Z'], 'USAGE'],
    ['at a time without a zone', ['--at', '2026-03-01T02:00:00'], 'USAGE'],
    ['at the time of a night of another job', ['--at', AT], 'VERSION_CONFLICT'],
  ])('%s, and nothing is written', async (_, more, code) => {
    const { file, folder, write } = nightly('letters');
    expect((await vectormill(...line(file))).code).toBe(0);
    write({ job: { ...JSON.parse(readFileSync(file, 'utf8')).job, shard_bytes: 77 } });
    const files = await filesBelow(folder);
    const outcome = await vectormillJson('night', file, ...more);
    expect({ code: outcome.code, error: outcome.json.error.code }).toEqual({ code: 2, error: code });
    expect(await filesBelow(folder)).toEqual(files);
  });
});

test('a night or a job whose settings are refused does not even make the folder of its output', async () => {
  const { file, folder } = nightly('refused', {});
  const { job } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(join(folder, 'job.json'), JSON.stringify({ ...job, version: 'v1' }));
  vi.stubEnv('TEMPORAL_PROFILE', 'nobody');
  const lines = [
    ['night', file, '--temporal'],
    ['schedule', 'create', file],
    ['run', join(folder, 'job.json')],
  ];
  for (const line of lines) {
    expect(await vectormillJson(...line)).toMatchObject({
      code: 2,
      json: { error: { code: 'SETTING_INVALID' } },
    });
    expect(existsSync(join(folder, 'out'))).toBe(false);
  }
  vi.unstubAllEnvs();
  vi.stubEnv('npm_command', '');
});
