import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { letterDocuments } from '../support/letter-documents.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { writeCorpus } from '../support/test-job.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

let folder: string;
let file: string;
const before = process.env.TEMPORAL_ADDRESS;

/** No Temporal answers at this address. */
beforeEach(async () => {
  process.env.TEMPORAL_ADDRESS = '127.0.0.1:9';
  folder = temporaryFolder();
  file = join(folder, 'job.yaml');
});
afterEach(() => {
  if (before === undefined) delete process.env.TEMPORAL_ADDRESS;
  else process.env.TEMPORAL_ADDRESS = before;
});

async function writeJob(more: Record<string, unknown> = {}): Promise<void> {
  const job = { dataset: 'letters', input: './corpus', output: './out', model: './model', ...more };
  await writeFile(file, JSON.stringify(job));
}

describe('run --dry-run', () => {
  test('says what the job makes, and writes nothing', async () => {
    const { manifest } = await tinyDataset(folder, { lines: [...letterDocuments(40), 'no JSON'] });
    await writeJob({ version: 'v2', limits: { reject_share: 0.5 } });
    const files = await filesBelow(folder);
    const { code, json } = await vectormillJson('run', file, '--dry-run');
    const { documents, chunks, tokens, truncatedChunks, inputBytes, inputObjects } = manifest.totals;
    expect({ code, json }).toMatchObject({
      code: 0,
      json: {
        job: 'letters@v2',
        dryRun: true,
        standing: 'new',
        fingerprint: manifest.fingerprint,
        input: { objects: inputObjects, bytes: inputBytes },
        documents,
        chunks,
        tokens,
        truncatedChunks,
        rejects: 1,
        vectorBytes: chunks * manifest.signature.dimensions * 4,
        cost: null,
        sample: { documents, isWhole: true },
        notes: [],
      },
    });
    const { stdout } = await vectormill('run', file, '--dry-run', '--version', 'v3');
    expect(stdout).toMatch(/^letters@v3 in file:\S+ would be made\. Nothing was written or started\.\n/);
    expect(stdout).toMatch(/documents {2}40, and 1 reject\b/);
    expect(await filesBelow(folder)).toEqual(files);
  });

  test('says where the version is complete already, and where too many records are rejects', async () => {
    await tinyDataset(folder, { job: { dataset: 'letters', parts: { rows: 4 }, shard_bytes: 2000 } });
    await writeJob({ parts: { rows: 4 }, shard_bytes: 2000, limits: { reject_share: 0.5, concurrency: 2 } });
    writeCorpus(folder, { 'bad.jsonl': ['no JSON', '{"_id": "x"}', '[]', '{'] });
    const { json } = await vectormillJson('run', file, '--dry-run', '--version', 'v9');
    expect(json).toMatchObject({ standing: 'new', rejects: 4 });
    expect(json.notes).toEqual([expect.stringMatching(/^57\.1% of the records are rejects.*allows 50%/)]);
  });

  test('says what would be taken over from which parent, and whether it might delete too much', async () => {
    const edited = letterDocuments(2).map((document) => ({ ...(document as object), title: 'Edited' }));
    writeCorpus(folder, { 'a.jsonl': letterDocuments(20, 20), 'b.jsonl': letterDocuments(20, 40) });
    await tinyDataset(folder, { lines: letterDocuments(2) });
    await writeJob();
    const dryRun = ['run', file, '--dry-run', '--version', 'v2'];
    const parent = async (...more: string[]) => (await vectormillJson(...dryRun, ...more)).json.parent;
    const unchanged = { unchanged: 3, changed: 0, added: 0, deleted: 0 };
    expect(await parent()).toEqual({
      version: 'v1',
      obstacle: null,
      documents: 42,
      objects: unchanged,
      documentsOfDeleted: 0,
      mayExceedDeletes: false,
    });
    expect(await parent('--recompute')).toMatchObject({ obstacle: '--recompute', objects: unchanged });
    writeCorpus(folder, { 'corpus.jsonl': edited, 'c.jsonl': letterDocuments(1, 60) });
    rmSync(join(folder, 'corpus/a.jsonl'));
    const { stdout } = await vectormill(...dryRun);
    expect(stdout).toMatch(
      /parent {5}v1; rows of unchanged documents are carried over\n {2}objects {4}1 unchanged, 1 changed, 1 new, 1 gone\n/,
    );
    expect(stdout).toMatch(
      /note: 20 of the 42 documents of the parent were in objects that are gone\. .*`--allow-deletes 20` allows it\.\n$/,
    );
    expect(await parent()).toMatchObject({ documentsOfDeleted: 20, mayExceedDeletes: true });
    const allowed = await vectormillJson(...dryRun, '--allow-deletes', '20');
    expect(allowed.json).toMatchObject({ parent: { mayExceedDeletes: false }, notes: [] });

    await writeJob({ chunking: { max_tokens: 8 } });
    expect((await vectormill(...dryRun)).stdout).toContain('v1; nothing is carried over: other chunking\n');
    await writeJob({ parent: 'none' });
    expect((await vectormill(...dryRun)).stdout).toMatch(/parent {5}none: everything is embedded\n/);
    await writeJob({ parent: 'gone' });
    expect(await vectormillJson(...dryRun)).toMatchObject({
      code: 2,
      json: { error: { code: 'VERSION_NOT_FOUND' } },
    });
  });

  test('refuses what `run` refuses, without mentioning Temporal', async () => {
    await tinyDataset(folder);
    for (const [more, code] of [
      [{ input: './nothing' }, 'INPUT_NOT_FOUND'],
      [{ model: './nothing' }, 'MODEL_NOT_FOUND'],
      [{ chunk: 3 }, 'JOB_INVALID'],
      [{ version: 'v1', chunking: { max_tokens: 8 } }, 'VERSION_CONFLICT'],
    ] as const) {
      await writeJob({ version: 'v2', ...more });
      expect(await vectormillJson('run', file, '--dry-run')).toMatchObject({
        code: 2,
        json: { error: { code } },
      });
    }
  });
});
