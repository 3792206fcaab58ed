import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { summaryLines } from '../../cli/job/summary.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const addressBefore = process.env.TEMPORAL_ADDRESS;

beforeAll(async () => {
  // A complete job needs no server.
  process.env.TEMPORAL_ADDRESS = '127.0.0.1:1';
  await tinyDataset(folder.path, {
    lines: Array.from({ length: 3 }, (_, n) => ({ _id: `${n}`, text: 'a b c' })),
  });
  const { spec } = JSON.parse(await readFile(at('out/letters/versions/v1/job.json'), 'utf8'));
  const model = { source: './model', max_tokens: spec.model.maxTokens };
  const { parts, shardBytes: shard_bytes } = spec;
  const job = { dataset: 'letters', input: './corpus', output: './out', model, parts, shard_bytes };
  await writeFile(at('job.json'), JSON.stringify(job));
});
afterAll(() => {
  if (addressBefore === undefined) delete process.env.TEMPORAL_ADDRESS;
  else process.env.TEMPORAL_ADDRESS = addressBefore;
});

test('a job that is run again once it is complete says so, does nothing and has no speed', async () => {
  const files = await filesBelow(folder.path);
  const { code, stdout } = await vectormill('run', at('job.json'));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^letters@v1 was complete already; nothing was done\.\n {2}documents {3}3\n/);
  expect(stdout).not.toMatch(/speed|chunks\/s|input is not/);
  expect(await filesBelow(folder.path)).toEqual(files);
  const { json } = await vectormillJson('run', at('job.json'));
  expect(json).toMatchObject({ wasComplete: true, input: { added: 0, changed: 0, removed: 0 } });
  expect(json.elapsedMs).toBeUndefined();
});

test('changes of its input are counted, and the way on is named', async () => {
  await writeFile(at('corpus', 'new.jsonl'), '{"_id": "9", "text": "x"}\n');
  await writeFile(at('corpus', 'newer.jsonl'), '{"_id": "8", "text": "x"}\n');
  await appendFile(at('corpus', 'corpus.jsonl'), '{"_id": "7", "text": "x"}\n');
  const grown = await vectormill('run', at('job.json'));
  expect(grown).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 objects are new, 1 object is changed.\n'),
  });
  expect(grown.stdout).toMatch(/another `version`/);
  await rm(at('corpus'), { recursive: true });
  const { json } = await vectormillJson('run', at('job.json'));
  expect(json.input).toEqual({ added: 0, changed: 0, removed: 1 });
});

test('an unreadable input does not make a finished job fail', async () => {
  await writeFile(at('corpus'), 'no format');
  const { code, stdout } = await vectormill('run', at('job.json'));
  expect(code).toBe(0);
  expect(stdout).toMatch(/complete already.*cannot be said: .*format/s);
});

test('a version that lacks only its last steps is finished by workers', async () => {
  await rm(at('out/letters/versions/v1/_SUCCESS'));
  expect((await vectormillJson('run', at('job.json'))).json.error.code).toBe('TEMPORAL_UNAVAILABLE');
});

const totals = {
  inputObjects: 1,
  inputBytes: 1,
  shards: 1,
  documents: 1,
  chunks: 1000,
  truncatedChunks: 0,
  tokens: 20_000,
  outputBytes: 1,
};
const ended = { manifest: 'm', fingerprint: 'f', totals, rejects: {}, elapsedMs: 10_000 };
const speedOf = (more: object) =>
  summaryLines('a@v1', { ...ended, ...more }).find((line) => line.includes('speed'));

test('the speed counts only what the run itself has embedded', () => {
  expect(speedOf({})).toMatch(/ 100\.0 chunks\/s, 2,000 tok\/s, planning and committing included$/);
  expect(speedOf({ adopted: { chunks: 900, tokens: 18_000 } })).toMatch(
    / 10\.0 chunks\/s, 200 tok\/s, .*, of the 100 chunks of this run; 900 chunks were embedded before$/,
  );
  expect(speedOf({ adopted: { chunks: 1000, tokens: 20_000 } })).toMatch(
    / none: all 1,000 chunks were embedded before$/,
  );
  expect(speedOf({ wasComplete: true, adopted: { chunks: 1000, tokens: 20_000 } })).toBeUndefined();
});
