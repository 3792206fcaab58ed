import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { indexLayout } from '../../../core/index/index-layout.js';
import type { IndexManifest } from '../../../core/index/index-manifest.js';
import type { Manifest } from '../../../core/manifest.js';
import { sha256 } from '../../../engine/files/hash.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersionQuickly } from '../../../engine/verify/verify-version.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { editRecord } from '../../support/edit-record.js';
import { listedFiles } from '../../support/listed-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';
import { useTemporaryFolder } from '../model/temporary-folder.js';

const made = useTemporaryFolder();
let folder: string;
let manifest: Manifest;
let files: Awaited<ReturnType<typeof listedFiles>>;

beforeAll(async () => {
  writeCorpus(made.path, { 'a.jsonl': [...documents(8, 20), '{"broken"'], 'b.jsonl': documents(6, 20, 'b') });
  manifest = await runJob(testProcess(), testJob(made.path));
  files = await listedFiles(openStore(join(made.path, 'out')), manifest);
});

/** A copy of the version for each test to damage. */
beforeEach(() => {
  folder = temporaryFolder();
  cpSync(join(made.path, 'out'), join(folder, 'out'), { recursive: true });
});

const pathOf = (key: string) => join(folder, 'out', key);
const record = (name: string) => `test/versions/v1/${name}`;

function write(key: string, text: string): void {
  mkdirSync(dirname(pathOf(key)), { recursive: true });
  writeFileSync(pathOf(key), text);
}

async function report(selector = 'v1') {
  const version = await resolveVersion(openStore(join(folder, 'out')), { dataset: 'test', selector });
  return verifyVersionQuickly(version);
}

describe('the quick form of verify', () => {
  it('finds nothing wrong with a sound version, and counts its files without reading them', async () => {
    const { differences, bytes, chunks, ...counted } = await report();
    expect(differences).toEqual([]);
    expect(counted.files).toBe(files.chunkFiles.length * 2 + files.rejectFiles.length);
    expect({ bytes, chunks }).toEqual({ bytes: manifest.totals.outputBytes, chunks: manifest.totals.chunks });
  });

  it.each([
    ['chunk file', () => files.chunkFiles[0]!.key],
    ['vector file', () => files.vectorFiles[1]!.key],
    ['reject file', () => files.rejectFiles[0]!.key],
    ['commit', () => record('commits/00000001.json')],
    ['plan', () => record('plan.parquet')],
    ['mark for foreign tools', () => record('_SUCCESS')],
    ['probe', () => record('probe.json')],
  ])('finds a missing %s', async (_, key) => {
    rmSync(pathOf(key()));
    expect((await report()).differences).toEqual([{ file: `file://${pathOf(key())}`, what: 'is missing' }]);
  });

  it.each([
    ['shorter', (path: string) => truncateSync(path, 10)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['longer', (path: string) => appendFileSync(path, 'x')],
  ])('finds a file that is %s than listed', async (_, damage) => {
    const { key, bytes } = files.vectorFiles[0]!;
    damage(pathOf(key));
    expect((await report()).differences).toEqual([
      { file: `file://${pathOf(key)}`, what: expect.stringContaining(`bytes; ${bytes} are listed`) },
    ]);
  });

  it('names every missing file, not only the first', async () => {
    rmSync(pathOf(record('vectors')), { recursive: true });
    const { differences } = await report();
    expect(differences.map(({ file }) => file)).toEqual(
      files.vectorFiles.map(({ key }) => `file://${pathOf(key)}`),
    );
  });

  it.each([
    ['commit', record('commits/00000000.json'), '{', 'is not valid JSON'],
    ['commit of nothing', record('commits/00000000.json'), '{"formatVersion":1}', 'lists no parts'],
    ['commit of later releases', record('commits/00000000.json'), '{"formatVersion":9}', 'format version 9'],
    ['plan', record('plan.parquet'), 'no Parquet', 'is not a plan'],
    ['probe', record('probe.json'), '', 'is not valid JSON'],
    ['lineage', record('lineage.json'), '[]', 'format version undefined'],
  ])('finds a damaged %s', async (_, key, text, what) => {
    write(key, text);
    expect((await report()).differences).toEqual([
      { file: `file://${pathOf(key)}`, what: expect.stringContaining(what) },
    ]);
  });

  it.each<[string, (listed: Manifest) => Partial<Manifest>, string]>([
    ['another fingerprint', () => ({ fingerprint: 'f'.repeat(64) }), '`fingerprint`'],
    ['another probe', ({ probe }) => ({ probe: { ...probe, texts: ['x'] } }), 'is not the probe'],
    ['another version', () => ({ version: 'v2' }), 'is of test@v2'],
  ])('finds a manifest that was edited: %s', async (_, edit, what) => {
    editRecord(pathOf(record('manifest.json')), (listed: Manifest) => ({ ...listed, ...edit(listed) }));
    expect((await report()).differences).toContainEqual(
      expect.objectContaining({ what: expect.stringContaining(what) }),
    );
  });

  it('finds a version that is a copy of another one, under a name of its own', async () => {
    cpSync(pathOf(record('')), pathOf('test/versions/v2/'), { recursive: true });
    expect((await report('v2')).differences).toEqual([
      { file: `file://${pathOf('test/versions/v2/manifest.json')}`, what: 'is of test@v1' },
    ]);
  });

  it('finds a record of a night that is not the one its lineage links to, or that has gone', async () => {
    const linked = (key: string, hash = sha256(readFileSync(pathOf(key)))) => ({ key, sha256: hash });
    write(record('triplets/hard/manifest.json'), '{}');
    const lineage = {
      formatVersion: 1,
      manifest: linked(record('manifest.json')),
      triplets: linked(record('triplets/hard/manifest.json')),
      index: null,
    };
    write(record('lineage.json'), JSON.stringify(lineage));
    expect((await report()).differences).toEqual([]);
    write(record('triplets/hard/manifest.json'), '{ }');
    expect((await report()).differences).toEqual([
      expect.objectContaining({ what: 'has another sha256 than the lineage says' }),
    ]);
    rmSync(pathOf(record('triplets')), { recursive: true });
    expect((await report()).differences).toEqual([expect.objectContaining({ what: 'is missing' })]);
  });

  it('finds a graph of a published index that has gone or is shorter, and an index of another manifest', async () => {
    const layout = indexLayout('test', 'v1', 'main');
    const source = { manifestSha256: sha256(readFileSync(pathOf(record('manifest.json')))) };
    const index = { formatVersion: 1, source, shards: [{ content: 'abc', bytes: 3 }] };
    write(layout.manifest, JSON.stringify(index as unknown as IndexManifest));
    write(layout.shard('abc'), '123');
    expect((await report()).differences).toEqual([]);
    write(layout.shard('abc'), '12');
    expect((await report()).differences).toEqual([
      expect.objectContaining({ what: 'has 2 bytes; 3 are listed' }),
    ]);
    rmSync(pathOf(layout.shard('abc')));
    expect((await report()).differences).toEqual([expect.objectContaining({ what: 'is missing' })]);
    write(layout.manifest, JSON.stringify({ ...index, source: { manifestSha256: 'other' } }));
    expect((await report()).differences).toEqual([
      expect.objectContaining({ what: expect.stringContaining('another manifest') }),
    ]);
  });
});
