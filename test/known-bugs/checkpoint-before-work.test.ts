import { beforeEach, describe, expect, test } from 'vitest';
import { versionLayout } from '../../core/layout.js';
import { readChunkFile } from '../../engine/parquet/chunk-file.js';
import { readVectorFile } from '../../engine/parquet/vector-file.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { openStore } from '../../engine/store/open-store.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { storeUnavailable } from '../../engine/store/store-errors.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { changedStore } from '../support/changed-store.js';
import { listedFiles } from '../support/listed-files.js';
import { MemoryStore } from '../support/memory-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testEmbedder } from '../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../support/test-job.js';
import { runJob, testProcess } from '../support/test-tools.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(10, 20, 'a'), 'b.jsonl': documents(6, 20, 'b') });
});

const never = new AbortController().signal;
const layout = versionLayout('test', 'v1');
const ids = [
  ...Array.from({ length: 10 }, (_, n) => `a-${n}`),
  ...Array.from({ length: 6 }, (_, n) => `b-${n}`),
];

/** Opens one place in memory, and any other as it is. */
function memoryAt(output: string): { store: ObjectStore; open: StoreOpener } {
  const store = new MemoryStore(output);
  return { store, open: (root) => (root === output ? store : openStore(root)) };
}

/** Returns the documents of the rows that have vectors, in order. */
async function embedded(store: ObjectStore): Promise<string[]> {
  const { manifest } = await resolveVersion(store, { dataset: 'test', selector: 'v1' });
  const { chunkFiles, vectorFiles } = await listedFiles(store, manifest);
  const rows: string[] = [];
  for (const [place, { key }] of chunkFiles.entries()) {
    const chunks = readChunkFile(await store.get(key), key).rows;
    const vectors = readVectorFile(await store.get(vectorFiles[place]!.key), vectorFiles[place]!.key);
    expect([...vectors.rowKeys]).toEqual(chunks.map(({ rowKey }) => rowKey));
    rows.push(...chunks.map(({ docId }) => docId));
  }
  return rows;
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

describe('Daft#7373: a checkpoint is final before the work that follows it', () => {
  test('a shard whose embedding fails has no commit, and what goes on leaves none of its rows out', async () => {
    for (let failing = 1; ; failing += 1) {
      const job = testJob(folder);
      const { store, open } = memoryAt(job.spec.output);
      let calls = 0;
      const embedder = testEmbedder();
      const broken = {
        ...embedder,
        embed: ((texts, options) => {
          calls += 1;
          if (calls === failing) throw new RangeError('the model is gone');
          return embedder.embed(texts, options);
        }) as typeof embedder.embed,
      };
      const first = await runJob(testProcess({ store: open, embedder: broken }), job).catch(
        (error: unknown) => error,
      );
      if (!(first instanceof Error)) {
        expect(failing).toBeGreaterThan(5);
        break;
      }
      const left = await keysOf(store);
      expect(left).not.toContain(layout.manifest);
      await runJobLocally(job, testProcess({ store: open }).tools, never).done;
      expect((await embedded(store)).sort()).toEqual([...ids].sort());
    }
  });

  test('no record that lets work be left out is written before the files that it lists', async () => {
    const job = testJob(folder, { output: './in-order' });
    const written = new Set<string>();
    const openNoting: StoreOpener = (root) => {
      const inner = openStore(root);
      return changedStore(inner, {
        put: async (key, body, options) => {
          if (/\/(_parts|\d+|manifest)\.json$/.test(key)) {
            const listed = [
              ...Buffer.from(body as Uint8Array)
                .toString()
                .matchAll(/"key": "([^"]+)"/g),
            ];
            for (const [, file] of listed) expect(written, `${key} lists ${file}`).toContain(file);
          }
          const result = await inner.put(key, body, options);
          written.add(key);
          return result;
        },
      });
    };
    await runJobLocally(job, testProcess({ store: openNoting }).tools, never).done;
    expect([...written]).toContain(layout.manifest);
  });

  test('a shard whose parts cannot be written is not marked as chunked, nor committed', async () => {
    for (const kind of ['chunks', 'vectors']) {
      const job = testJob(folder);
      const { store, open } = memoryAt(job.spec.output);
      const openFailing: StoreOpener = (root) => {
        const inner = open(root);
        return changedStore(inner, {
          put: (key, body, options) =>
            key.includes(`/${kind}/00000001/part-`)
              ? Promise.reject(storeUnavailable(key, 'the disk is away'))
              : inner.put(key, body, options),
        });
      };
      await expect(runJob(testProcess({ store: openFailing }), job)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
      const left = await keysOf(store);
      expect(left).not.toContain(kind === 'chunks' ? layout.chunkParts(1) : layout.commit(1));
      await runJobLocally(job, testProcess({ store: open }).tools, never).done;
      expect((await embedded(store)).sort()).toEqual([...ids].sort());
    }
  });
});
