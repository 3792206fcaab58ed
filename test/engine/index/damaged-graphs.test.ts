import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeAttachments, readAttachedRows } from '../../../engine/index/attached-rows.js';
import { parseGraphHead, readGraphHead } from '../../../engine/index/graph-head.js';
import { MemoryGraph } from '../../../engine/index/memory-graph.js';
import { newGraph } from '../../../engine/index/usearch.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NUMBERS = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

function fileOf(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'graph.usearch');
  writeFileSync(path, bytes);
  return path;
}

/** Returns a graph of some rows, as usearch writes it. */
function wholeGraph(): Buffer {
  const parameters = {
    metric: 'cosine',
    precision: 'int8',
    dimensions: 8,
    connectivity: 4,
    expansionAdd: 16,
  };
  const graph = newGraph(parameters as Parameters<typeof newGraph>[0], 16);
  const rows = Float32Array.from({ length: 8 * 50 }, (_, index) => Math.sin(index * index));
  graph.add(
    BigUint64Array.from({ length: 50 }, (_, row) => BigInt(row)),
    rows,
    1,
  );
  const path = join(temporaryFolder(), 'whole.usearch');
  graph.save(path);
  return readFileSync(path);
}

it('a file has no head of a graph if the sizes at its beginning lead outside it, however far', async () => {
  for (const rows of NUMBERS)
    for (const rowBytes of NUMBERS) {
      const bytes = Buffer.alloc(256, 'x');
      bytes.writeUInt32LE(rows, 0);
      bytes.writeUInt32LE(rowBytes, 4);
      expect(await readGraphHead(fileOf(bytes)), `${rows} rows of ${rowBytes} bytes`).toBeUndefined();
      expect(parseGraphHead(bytes)).toBeUndefined();
    }
});

it('a graph that ends anywhere before its nodes is damaged, and so is one whose sizes lead outside it', async () => {
  const whole = wholeGraph();
  const damaged = { code: 'FILE_DAMAGED' };
  expect((await MemoryGraph.read(fileOf(whole), 16))!.size()).toBe(50);
  for (const length of [0, 7, 8, 100, 8 + 50 * 8, 8 + 50 * 8 + 64, 8 + 50 * 8 + 64 + 39])
    await expect(MemoryGraph.read(fileOf(whole.subarray(0, length)), 16), `${length}`).rejects.toMatchObject(
      damaged,
    );
  for (const at of [0, 4]) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(0xffff_ffff, at);
    await expect(MemoryGraph.read(fileOf(bytes), 16)).rejects.toMatchObject(damaged);
  }
});

it('a file that counts more attached rows than it has space for is damaged', async () => {
  const footer = encodeAttachments([{ row: 1n, host: 2n }]);
  expect(await readAttachedRows(fileOf(footer))).toEqual(new Map([[2n, [1n]]]));
  expect(await readAttachedRows(fileOf(footer.subarray(0, 20)))).toEqual(new Map());
  for (const count of [2n, 2n ** 31n, 2n ** 49n, 2n ** 53n, 2n ** 64n - 1n]) {
    const bytes = Buffer.from(footer);
    bytes.writeBigUInt64LE(count, 16);
    await expect(readAttachedRows(fileOf(bytes)), `${count}`).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  }
});
