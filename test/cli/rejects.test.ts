import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { type CorpusLine, testJob, writeCorpus } from '../support/test-job.js';
import { scanVersion, startVersion, testProcess, testRun } from '../support/test-tools.js';
import { vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const LINES: readonly CorpusLine[] = [
  { _id: 'good', text: 'a' },
  'not json',
  { _id: 'empty', text: '' },
  { _id: 'good', text: 'b' },
  { _id: 'esc\u001b[2Jape', text: '' },
];
const EXPECTED = [
  ['BAD_JSON', undefined],
  ['EMPTY_TEXT', 'empty'],
  ['DUPLICATE_ID', 'good'],
  ['EMPTY_TEXT', 'esc\u001b[2Jape'],
];

const folder = useTemporaryFolder();
const codesOf = (json: { rejects: { code: string; id?: string }[] }) =>
  json.rejects.map(({ code, id }) => [code, id]);

describe('rejects of a readable version', () => {
  let place: string;
  beforeAll(async () => {
    await tinyDataset(join(folder.path, 'readable'), {
      lines: LINES,
      job: { limits: { reject_share: 0.9 } },
    });
    place = join(folder.path, 'readable', 'out', 'letters');
  });

  test('are listed in the order of the corpus with code, place and id', async () => {
    const { code, json } = await vectormillJson('rejects', place);
    expect(code).toBe(0);
    expect(json).toMatchObject({ dataset: 'letters', version: 'v1', more: false, unlisted: 0 });
    expect(codesOf(json)).toEqual(EXPECTED);
    expect(json.rejects[0].position).toMatchObject({
      uri: expect.stringContaining('corpus.jsonl'),
      unit: 'byte',
      at: JSON.stringify(LINES[0]).length + 1,
    });
  });

  test('are cut off at --limit, with a note', async () => {
    const { json } = await vectormillJson('rejects', place, '--limit', '2');
    expect(codesOf(json)).toEqual(EXPECTED.slice(0, 2));
    expect(json.more).toBe(true);
    expect((await vectormill('rejects', place, '--limit', '2')).stderr).toContain('There are more');
  });

  test('are printed without control characters', async () => {
    const { stdout } = await vectormill('rejects', place);
    expect(stdout.split('\n')).toHaveLength(EXPECTED.length + 1);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/^BAD_JSON {2}file:.*corpus\.jsonl byte \d+ {2}/);
  });
});

describe('rejects of a version that was stopped after its scan', () => {
  const start = async (name: string, version = 'v1') => {
    const root = join(folder.path, name);
    writeCorpus(root, { 'corpus.jsonl': LINES });
    const process = testProcess();
    const started = await startVersion(process, testJob(root, { dataset: 'letters', version }));
    return { root, process, started };
  };

  test('are the same ones, duplicates included', async () => {
    const { root, process, started } = await start('stopped');
    await scanVersion(process, started, testRun());
    const { code, json } = await vectormillJson('rejects', join(root, 'out', 'letters'));
    expect(code).toBe(0);
    expect(codesOf(json)).toEqual(EXPECTED);
  });

  test('cannot be listed where there are several versions and none is current', async () => {
    const { root } = await start('several');
    await start('several', 'v2');
    const place = join(root, 'out', 'letters');
    const { code, json } = await vectormillJson('rejects', place);
    expect(code).toBe(2);
    expect(json.error).toMatchObject({
      code: 'VERSION_NOT_FOUND',
      remedy: expect.stringContaining('letters@v1, letters@v2'),
    });
    expect((await vectormillJson('rejects', `${place}@v2`)).json).toMatchObject({
      version: 'v2',
      rejects: [],
    });
    expect((await vectormillJson('rejects', `${place}@v3`)).code).toBe(2);
  });
});
