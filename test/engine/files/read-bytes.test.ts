import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readBytes } from '../../../engine/files/read-bytes.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const content = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 251));

async function withFile<Result>(use: (file: Awaited<ReturnType<typeof open>>) => Promise<Result>) {
  const path = join(temporaryFolder(), 'file');
  await writeFile(path, content);
  const file = await open(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

it('bytes of a file are read from any place within it, aligned for any typed array', async () => {
  await withFile((file) =>
    fc.assert(
      fc.asyncProperty(fc.nat(300), fc.nat(300), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const bytes = (await readBytes(file, start, end - start))!;
        expect(bytes.equals(content.subarray(start, end))).toBe(true);
        expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, end - start]);
      }),
      { numRuns: 50 },
    ),
  );
});

it('bytes beyond the end of a file give undefined, however far away and however many they are', async () => {
  const far = [
    2 ** 31,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    1_054_181_843_208_807_000,
    2 ** 64,
    2 ** 200,
  ];
  await withFile(async (file) => {
    for (const [position, length] of [
      [300, 1],
      [0, 301],
      [-1, 1],
      [0, -1],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
      ...far.flatMap((number) => [
        [number, 8],
        [number, 0],
        [0, number],
        [number, number],
      ]),
    ] as [number, number][])
      expect(await readBytes(file, position, length), `${length} bytes at ${position}`).toBeUndefined();
  });
});
