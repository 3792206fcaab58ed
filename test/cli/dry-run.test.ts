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
