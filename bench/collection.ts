import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { versionLayout } from '../core/layout.js';
import type { ListPiece } from '../core/manifest.js';
import { DEFAULT_RETENTION } from '../core/retention/retention-policy.js';
import { sha256 } from '../engine/files/hash.js';
import { type ListedPart, writePartListFile } from '../engine/parquet/part-list-file.js';
import { type ListedVectors, writeVectorListFile } from '../engine/parquet/vector-list-file.js';
import { forecastCollection } from '../engine/retention/collect.js';
import type { ObjectStore } from '../engine/store/object-store.js';
import { openStore } from '../engine/store/open-store.js';
import { encodeJson } from '../engine/version/create-once.js';
import { BUCKET, startEphemeralStack } from '../infra/dev-stack/ephemeral-stack.js';
import { saveResult } from './save-result.js';

/**
 * Says what a collection would delete of a dataset of many versions that share files, in a process
 * of its own, and prints the time and the memory that it takes, on the S3 server of the dev stack:
 * `npm run bench:collection -- --versions 100 --files 100000`. The files are empty.
 */
const { values } = parseArgs({
  options: {
    versions: { type: 'string', default: '100' },
    files: { type: 'string', default: '100000' },
    look: { type: 'string' },
  },
});

const DATASET = 'synthetic';
const PART_ROWS = 1000;

if (values.look !== undefined) await look(values.look);
else await measure(Number(values.versions), Number(values.files));

async function measure(versions: number, files: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vectormill-bench-'));
  const stack = await startEphemeralStack({ log: () => {}, install: false, dataDir: folder });
  try {
    Object.assign(process.env, stack.environment);
    const root = `s3://${BUCKET}/collection`;
    const store = openStore(root);
    const partsOfVersion = Math.round(files / versions / 2);
    for (let version = 0; version < versions; version += 1)
      await writeVersion(store, join(folder, BUCKET, 'collection'), version, partsOfVersion);
    const line = [...process.execArgv, process.argv[1] ?? '', '--look', root];
    const { stdout, stderr } = spawnSync(process.execPath, line, { encoding: 'utf8' });
    if (stderr !== '') console.error(stderr);
    const figures = JSON.parse(stdout) as object;
    console.log(JSON.stringify(figures));
    console.log(await saveResult('collection', { versions, files, ...figures }));
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function look(root: string): Promise<void> {
  const startedAt = performance.now();
  const policy = { ...DEFAULT_RETENTION, keep: 7, ageMs: 0 };
  const wish = { policy, dropped: [] };
  const { versions, unneeded } = await forecastCollection(openStore(root), DATASET, wish, Date.now());
  const figures = {
    going: versions.filter(({ keptBy }) => keptBy.length === 0).length,
    unneededFiles: unneeded.files,
    seconds: Number(((performance.now() - startedAt) / 1000).toFixed(1)),
    peakMemoryMb: Math.round((process.resourceUsage().maxRSS * 1024) / 1e6),
  };
  console.log(JSON.stringify(figures));
}

/**
 * Writes a version with parts of its own that lists half of the parts of each earlier version.
 * `folder` is where the server keeps the objects of the store.
 */
async function writeVersion(store: ObjectStore, folder: string, version: number, own: number): Promise<void> {
  const name = nameOf(version);
  const layout = versionLayout(DATASET, name);
  const listed: ListedPart[] = [];
  for (let earlier = 0; earlier <= version; earlier += 1) {
    const count = earlier === version ? own : Math.floor(own / 2);
    for (let part = 0; part < count; part += 1) listed.push(partOf(earlier * own + part, earlier));
  }
  const keys = listed
    .filter(({ origin }) => origin === version)
    .flatMap(({ shard, start, end }) => [
      layout.chunkPart(shard, start, end),
      layout.vectorPart(shard, start, end),
    ]);
  // The server keeps each object as a file; a hundred thousand requests would take minutes.
  for (const key of keys) {
    const path = join(folder, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
  const piece = async (name: 'parts' | 'dense', bytes: Uint8Array): Promise<ListPiece> => {
    const key = layout.list(name, 0);
    await store.put(key, bytes);
    return { key, sha256: sha256(bytes), bytes: bytes.length, rows: listed.length };
  };
  const lists = {
    parts: [await piece('parts', writePartListFile(listed, {}))],
    outputs: {
      dense: {
        fingerprint: '',
        pieces: [await piece('dense', writeVectorListFile(listed.map(vectorsOf), {}))],
      },
    },
    rejects: [],
  };
  const manifest = {
    formatVersion: 2,
    dataset: DATASET,
    version: name,
    fingerprint: '',
    signature: { dimensions: 1 },
    totals: { chunks: 0 },
    origins: Array.from({ length: version + 1 }, (_, origin) => nameOf(origin)),
    nextShard: own * (version + 1),
    lists,
  };
  await store.put(layout.job, encodeJson({ formatVersion: 1 }));
  await store.put(layout.manifest, encodeJson(manifest));
}

function nameOf(version: number): string {
  return `v${String(version).padStart(4, '0')}`;
}

function partOf(shard: number, origin: number): ListedPart {
  const rows = { start: 0, end: PART_ROWS, live: [{ start: 0, end: PART_ROWS }] };
  return { shard, ...rows, origin, sha256: hashOf(shard), bytes: 0, tokens: 100_000 };
}

function vectorsOf({ origin, shard }: ListedPart): ListedVectors {
  return { origin, sha256: hashOf(-shard), bytes: 0, minNorm: 1, maxNorm: 1 };
}

function hashOf(number: number): string {
  return createHash('sha256').update(String(number)).digest('hex');
}
