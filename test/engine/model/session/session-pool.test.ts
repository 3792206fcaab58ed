import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, test } from 'vitest';
import { SessionPool } from '../../../../engine/model/session/session-pool.js';
import type { SessionTask } from '../../../../engine/model/session/session-task.js';
import { convertModel } from '../../../../engine/model/transformer/transformer-model.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { TINY, writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
let graphFile = '';
beforeAll(async () => {
  const path = join(folder.path, 'tiny');
  await writeTinyModel(path);
  graphFile = join(folder.path, 'tiny.onnx');
  await convertModel(path, {}, graphFile);
});

function rows(count: number, length: number): SessionTask {
  return {
    tokenIds: new Uint32Array(count * length).fill(5),
    lengths: new Uint32Array(count).fill(length),
    batches: [{ rows: count, columns: length }],
    promptLength: 0,
  };
}

/** The pool keeps its threads private. Only a test kills them. */
function threadsOf(pool: SessionPool): Worker[] {
  return (pool as unknown as { threads: { threads: Worker[] } }).threads.threads;
}

describe('a session pool', () => {
  test('computes more batches than it has places for, each once', async () => {
    const pool = await SessionPool.open(graphFile, 2);
    const counts = Array.from({ length: 40 }, (_, n) => 1 + (n % 5));
    const results = await Promise.all(counts.map((count) => pool.run(rows(count, 4))));
    expect(results.map((vectors) => vectors.length)).toEqual(counts.map((count) => count * TINY.hidden));
    await pool.close();
  });

  test('fails the batch of a dying thread with a retryable error, and computes the next in a new thread', async () => {
    const pool = await SessionPool.open(graphFile, 1);
    // The threads are stopped while they are idle, because the runtime does not survive a stop
    // within a call. The batch goes to the dying thread.
    const stopped = threadsOf(pool).map((thread) => thread.terminate());
    await expect(pool.run(rows(2, 4))).rejects.toMatchObject({ code: 'SESSION_LOST' });
    await Promise.all(stopped);
    expect((await pool.run(rows(2, 4))).length).toBe(2 * TINY.hidden);
    await pool.close();
  });

  test('reports a call that the runtime refuses, and continues', async () => {
    const pool = await SessionPool.open(graphFile, 1);
    const outside = { ...rows(1, 4), tokenIds: Uint32Array.of(1, 2, 3, TINY.words.length) };
    await expect(pool.run(outside)).rejects.toMatchObject({ code: 'SESSION_LOST' });
    expect((await pool.run(rows(1, 4))).length).toBe(TINY.hidden);
    await pool.close();
  });

  test('refuses a damaged graph with its file', async () => {
    const damaged = join(folder.path, 'damaged.onnx');
    await mkdir(folder.path, { recursive: true });
    await writeFile(damaged, 'not a graph');
    await expect(SessionPool.open(damaged, 2)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: damaged,
    });
  });

  test('finishes the running tasks before it closes', async () => {
    const pool = await SessionPool.open(graphFile, 1);
    const running = Promise.all(Array.from({ length: 6 }, () => pool.run(rows(50, 16))));
    await pool.close();
    expect((await running).length).toBe(6);
    await expect(pool.run(rows(1, 4))).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
