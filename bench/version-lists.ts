import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { versionLayout } from '../core/layout.js';
import type { ListPiece } from '../core/manifest.js';
import { sha256 } from '../engine/files/hash.js';
import { type ListedPart, writePartListFile } from '../engine/parquet/part-list-file.js';
import { type ListedVectors, writeVectorListFile } from '../engine/parquet/vector-list-file.js';
import { openStore } from '../engine/store/open-store.js';
import { resolveVersion } from '../engine/version/resolve-version.js';

/**
 * Opens a version of many parts whose lists are made up, in a process of its own, and prints the
 * time and the memory that it takes: `npm run bench:lists -- --parts 1000000 --ranges 8`.
 */
const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: '1000000' },
    ranges: { type: 'string', default: '8' },
    open: { type: 'string' },
  },
});

const PIECE_ROWS = 32_768;
const PART_ROWS = 1000;
const DATASET = 'synthetic';
const layout = versionLayout(DATASET, 'v1');

if (values.open === undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'vectormill-bench-'));
  try {
    const bytes = await writeVersion(folder, Number(values.parts), Number(values.ranges));
    console.log(`lists of ${bytes} bytes; ${cpus()[0]?.model.trim()}`);
    const line = [...process.execArgv, process.argv[1] ?? '', '--open', folder];
    for (let round = 0; round < 5; round += 1) spawnSync(process.execPath, line, { stdio: 'inherit' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else {
  await openVersion(values.open);
}

async function openVersion(folder: string): Promise<void> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const { parts } = await resolveVersion(openStore(folder), { dataset: DATASET, selector: 'v1' });
  const { user, system } = process.cpuUsage(before);
  const figures = {
    parts: parts.length,
    rows: parts.rows,
    openMs: Math.round(performance.now() - startedAt),
    cpuMs: Math.round((user + system) / 1000),
    peakMemoryMb: Math.round((process.resourceUsage().maxRSS * 1024) / 1e6),
  };
  console.log(JSON.stringify(figures));
}

async function writeVersion(folder: string, count: number, ranges: number): Promise<number> {
  const store = openStore(folder);
  const pieces: Record<'parts' | 'dense', ListPiece[]> = { parts: [], dense: [] };
  for (let from = 0; from < count; from += PIECE_ROWS) {
    const places = Array.from({ length: Math.min(PIECE_ROWS, count - from) }, (_, place) => from + place);
    for (const [name, bytes] of [
      [
        'parts',
        writePartListFile(
          places.map((place) => partOf(place, ranges)),
          {},
        ),
      ],
      ['dense', writeVectorListFile(places.map(vectorsOf), {})],
    ] as const) {
      const key = layout.list(name, pieces[name].length);
      await store.put(key, bytes);
      pieces[name].push({ key, sha256: sha256(bytes), bytes: bytes.length, rows: places.length });
    }
  }
  const lists = {
    parts: pieces.parts,
    outputs: { dense: { fingerprint: '', pieces: pieces.dense } },
    rejects: [],
  };
  const manifest = {
    formatVersion: 2,
    dataset: DATASET,
    version: 'v1',
    fingerprint: '',
    signature: { dimensions: 1 },
    totals: { chunks: 0 },
    origins: ['v1', 'v0'],
    nextShard: count,
    lists,
  };
  await store.put(layout.manifest, new TextEncoder().encode(JSON.stringify(manifest)));
  await store.put(layout.job, new TextEncoder().encode('{"formatVersion":1}'));
  return [...pieces.parts, ...pieces.dense].reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Returns a part in which random rows are dead between its live ranges. */
function partOf(place: number, ranges: number): ListedPart {
  const start = (place % 10) * PART_ROWS;
  const width = Math.floor(PART_ROWS / ranges);
  const live = Array.from({ length: ranges }, (_, range) => {
    const first = start + range * width + 1 + Math.floor(Math.random() * (width / 2 - 2));
    return { start: first, end: first + 1 + Math.floor(Math.random() * (width / 2 - 2)) };
  });
  const rows = { start, end: start + PART_ROWS, live };
  const shard = Math.floor(place / 10);
  return { shard, ...rows, origin: place % 2, ...fileOf(), tokens: 100_000 };
}

function vectorsOf(place: number): ListedVectors {
  return { origin: place % 2, ...fileOf(), minNorm: 1 - Math.random(), maxNorm: 1 + Math.random() };
}

function fileOf(): { sha256: string; bytes: number } {
  return { sha256: randomBytes(32).toString('hex'), bytes: Math.floor(2e6 * Math.random()) };
}
