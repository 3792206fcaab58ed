import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { duckdbQuery } from '../../cli/files/duckdb-query.js';
import { fileSystemOf } from '../../cli/files/file-system.js';
import { sha256 } from '../../engine/files/hash.js';
import { openStore } from '../../engine/store/open-store.js';
import { readLiveChunks, readLiveVectors } from '../../engine/version/live-rows.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { keepRows } from '../support/dead-rows.js';
import { requireStack, TEST_BUCKET } from '../support/stack.js';
import { documents, testJob, writeCorpus } from '../support/test-job.js';
import { runJob, testProcess } from '../support/test-tools.js';
import { vectormill, vectormillJson } from './command-line.js';

const cache =
  process.env.VECTORMILL_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vectormill');
const python = join(cache, 'venv-interop', 'bin', 'python');
const script = fileURLToPath(new URL('run_query.py', import.meta.url));

const folder = useTemporaryFolder();

/** Makes a version in which some parts live wholly, some in part, and one not at all. */
async function versionWithDeadRows(root: string, work: string): Promise<ReadableVersion> {
  writeCorpus(work, { 'a.jsonl': [...documents(40, 20), '{"broken"'] });
  await runJob(testProcess(), testJob(work, { output: root }));
  const store = openStore(root);
  await keepRows(store, { dataset: 'test', version: 'v1' }, ({ start, end }, place) => {
    if (place === 1) return [];
    if (place % 3 === 0 && end - start >= 3)
      return [
        { start, end: start + 1 },
        { start: start + 2, end: start + 3 },
      ];
    return [{ start, end }];
  });
  return resolveVersion(store, { dataset: 'test', selector: 'v1' });
}

/** Returns the vector of each live chunk, by its id. */
async function liveVectors(version: ReadableVersion): Promise<Record<string, number[]>> {
  const rows: Record<string, number[]> = {};
  for (const part of version.parts) {
    const chunks = await readLiveChunks(version, part);
    const { vectors, dimensions } = await readLiveVectors(version, part);
    for (const [row, { chunkId }] of chunks.entries())
      rows[chunkId] = [...vectors.subarray(row * dimensions, (row + 1) * dimensions)];
  }
  return rows;
}

const WITH_BACKSLASH = 'a \\n [b] \\\\';

describe('the files of a version with dead rows', () => {
  let version: ReadableVersion;
  let place: string;
  beforeAll(async () => {
    // No name of a folder may end a text of the query, be a pattern, or become a column.
    const root = join(folder.path, `it's "a" [b]*?`, 'year=2026', 'new\nline {x} %20 ü\u2028', 'out');
    version = await versionWithDeadRows(root, join(folder.path, 'work'));
    place = join(root, 'test@v1');
    await cp(root, join(folder.path, WITH_BACKSLASH), { recursive: true });
  });

  test('are printed with their rows, and the totals last', async () => {
    const { code, stdout } = await vectormill('files', place);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2 * version.parts.length + 1 + 3);
    expect(lines[1]).toMatch(/^chunks +2 +4 +[\d,]+ {2}file:.*part-0000000000-0000000004\.parquet$/);
    expect(lines.at(-3)).toMatch(/^rejects +[\d,]+ {2}file:/);
    expect(lines.at(-1)).toMatch(new RegExp(`^test@v1 has ${version.parts.rows} live rows in `));
    expect(lines.at(-1)).toContain('vectormill export');
  });

  test('are listed as JSON by URI, and ranges say the same rows by key and by position', async () => {
    const { code, json } = await vectormillJson('files', place);
    expect(code).toBe(0);
    const { totals, parts, rejects } = json;
    expect(totals).toMatchObject({
      parts: version.parts.length,
      liveRows: version.parts.rows,
      rejectFiles: 1,
    });
    expect(totals.rows).toBeGreaterThan(totals.liveRows);
    let bytes = 0;
    const files = parts.flatMap((part: Record<string, unknown>) => [part.chunks, part.vectors]);
    for (const file of [...files, ...rejects]) {
      const content = await readFile(file.uri.slice('file://'.length));
      expect([sha256(content), content.length]).toEqual([file.sha256, file.bytes]);
      bytes += content.length;
    }
    expect(totals.bytes).toBe(bytes);
    for (const [at, part] of [...version.parts].entries()) {
      const { rows, liveRows, live } = parts[at];
      const keys = (await readLiveVectors(version, part)).rowKeys;
      const first = BigInt(part.chunks.firstKey);
      const whole = {
        firstKey: first,
        lastKey: part.chunks.lastKey,
        firstPosition: 0,
        lastPosition: rows - 1,
      };
      const seen: bigint[] = [];
      for (const { firstKey, lastKey, firstPosition, lastPosition } of live ?? [whole]) {
        expect(BigInt(firstKey)).toBe(first + BigInt(firstPosition));
        for (let key = BigInt(firstKey); key <= BigInt(lastKey); key += 1n) seen.push(key);
        expect(seen.at(-1)).toBe(first + BigInt(lastPosition));
      }
      expect(seen).toEqual([...keys]);
      expect(liveRows).toBe(keys.length);
      expect(live === undefined).toBe(liveRows === rows);
    }
  });

  test.skipIf(!existsSync(python)).each(['duckdb', 'pyarrow', 'polars'])(
    'are read by the query for %s: exactly the live chunks, with their vectors',
    async (tool) => {
      const { code, stdout } = await vectormill('files', place, '--query', tool);
      expect(code).toBe(0);
      expect((await vectormillJson('files', place, '--query', tool)).json).toMatchObject({
        query: tool,
        text: stdout,
      });
      expect(await runQuery(tool, stdout)).toEqual(await liveVectors(version));
    },
  );

  test.skipIf(!existsSync(python))(
    'are read by pyarrow and Polars in a folder with backslashes',
    async () => {
      for (const tool of ['pyarrow', 'polars']) {
        const line = ['files', join(folder.path, WITH_BACKSLASH, 'test@v1'), '--query', tool];
        const rows = await runQuery(tool, (await vectormill(...line)).stdout);
        expect(rows).toEqual(await liveVectors(version));
      }
    },
  );

  test('are not read by DuckDB where it would read other files', async () => {
    const line = ['files', join(folder.path, WITH_BACKSLASH, 'test@v1'), '--query', 'duckdb'];
    for (const more of [[], ['--json']]) {
      const { code, stdout } = await vectormill(...line, ...more);
      expect(code).toBe(2);
      expect(stdout).not.toContain('read_parquet');
    }
    for (const prefix of ['what?', 'back\\slash']) {
      const elsewhere = { ...version, store: { ...version.store, root: `s3://bucket/${prefix}` } };
      const query = duckdbQuery(elsewhere as ReadableVersion, fileSystemOf(elsewhere.store, {}));
      expect(() => [...query]).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
  });
});

test.skipIf(!existsSync(python))(
  'the queries for pyarrow and Polars read a version on S3, and hold no credentials',
  async () => {
    requireStack();
    const root = `s3://${TEST_BUCKET}/files-${randomUUID()}/year=2026`;
    const version = await versionWithDeadRows(root, join(folder.path, 's3'));
    for (const tool of ['pyarrow', 'polars']) {
      const { stdout } = await vectormill('files', `${root}/test@v1`, '--query', tool);
      expect(stdout).not.toContain(process.env.AWS_SECRET_ACCESS_KEY);
      expect(await runQuery(tool, stdout)).toEqual(await liveVectors(version));
    }
    await version.store.close();
  },
);

/** Runs a query and returns the vector of each chunk that it gives, by the chunk's id. */
async function runQuery(tool: string, text: string): Promise<Record<string, number[]>> {
  const file = join(folder.path, `${tool}-${randomUUID()}`);
  await writeFile(file, text);
  const output = execFileSync(python, [script, tool, file], { encoding: 'utf8', maxBuffer: 1e8 });
  const rows = JSON.parse(output) as { columns: string[]; ids: string[]; vectors: number[][] };
  expect(rows.columns).toEqual([
    ...['chunk_id', 'row_key', 'doc_id', 'chunk_ix', 'char_start', 'char_end', 'n_tokens', 'truncated'],
    ...['text_sha256', 'text', 'title', 'metadata', 'vector'],
  ]);
  expect(new Set(rows.ids).size).toBe(rows.ids.length);
  return Object.fromEntries(rows.ids.map((id, row) => [id, rows.vectors[row]!]));
}
