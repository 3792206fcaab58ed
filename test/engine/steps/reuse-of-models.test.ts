import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobRecord } from '../../../core/job-spec.js';
import { cosine } from '../../../core/metrics/cosine.js';
import type { Embedder } from '../../../engine/model/embedder.js';
import { openEmbedder } from '../../../engine/model/find/find-model.js';
import { openStore } from '../../../engine/store/open-store.js';
import { readLiveVectors } from '../../../engine/version/live-rows.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';
import { useTemporaryFolder } from '../model/temporary-folder.js';
import { writeTinyModel } from '../model/tiny-model.js';

const folder = useTemporaryFolder();
const opened: Embedder[] = [];

beforeAll(() => writeTinyModel(join(folder.path, 'tiny')));
afterAll(() => Promise.all(opened.map((embedder) => embedder.close())));

/** Texts of one to twelve letters, of which the tiny model has a token each. */
const texts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => {
    const text = from + index;
    const letters = Array.from({ length: 1 + (text % 12) }, (__, at) => 97 + ((text * 7 + at * at) % 26));
    return { _id: `${text}`, text: letters.map((letter) => String.fromCharCode(letter)).join(' ') };
  });

describe.each(['int8', 'float32'] as const)('a model that computes in %s', (precision) => {
  /** Runs a version, and returns the vectors of its chunks. */
  async function run(embedder: Embedder, version: string, parent: string | null) {
    const more = { dataset: precision, version, ref: 'none', parts: { rows: 16 } };
    const job: JobRecord = {
      ...testJob(folder.path, more, embedder.signature),
      parent,
      ...(version === 'full' && { recompute: true }),
    };
    const manifest = await runJob(testProcess({ embedder }), job);
    const readable = await resolveVersion(openStore(join(folder.path, 'out')), {
      dataset: precision,
      selector: version,
    });
    const vectors = new Map<string, Float32Array>();
    for (const part of readable.parts) {
      const rows = await readLiveVectors(readable, part);
      for (const [row, id] of rows.chunkIds.entries())
        vectors.set(id, rows.vectors.slice(row * rows.dimensions, (row + 1) * rows.dimensions));
    }
    return { vectors, reused: manifest.reused };
  }

  test('gives a version what it would give without a parent, though batches have other rows', async () => {
    const embedder = await openEmbedder({ source: join(folder.path, 'tiny'), precision, sessions: 1 });
    opened.push(embedder);
    writeCorpus(folder.path, { 'a.jsonl': texts(0, 60), 'b.jsonl': [] });
    await run(embedder, 'parent', null);
    writeCorpus(folder.path, { 'b.jsonl': texts(50, 90).map(({ text }, id) => ({ _id: `b${id}`, text })) });
    const [lent, full] = [await run(embedder, 'lent', 'parent'), await run(embedder, 'full', null)];
    expect(lent.reused!.lent[`${precision}@parent`]).toBeGreaterThanOrEqual(70);
    expect(lent.reused!.computed).toBeGreaterThan(0);
    expect([...lent.vectors.keys()].sort()).toEqual([...full.vectors.keys()].sort());
    for (const [id, vector] of lent.vectors)
      if (precision === 'int8') expect([...vector], id).toEqual([...full.vectors.get(id)!]);
      else expect(cosine(vector, full.vectors.get(id)!), id).toBeGreaterThanOrEqual(0.99999);
  });
});
