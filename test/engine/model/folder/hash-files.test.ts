import { rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../../../engine/files/hash.js';
import { sha256OfModelFile } from '../../../../engine/model/folder/hash-files.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

test('a file of a model is hashed again after each change, also one that keeps its size and time', async () => {
  const folder = temporaryFolder();
  const [file, other] = [join(folder, 'weights'), join(folder, 'other')];
  const time = new Date('2026-01-01');
  for (const content of ['first', 'other', 'third']) {
    await writeFile(file, content);
    await utimes(file, time, time);
    expect(await sha256OfModelFile(file)).toBe(sha256(content));
    expect(await sha256OfModelFile(file)).toBe(sha256(content));
  }
  await writeFile(other, 'moved');
  await utimes(other, time, time);
  await rename(other, file);
  expect(await sha256OfModelFile(file)).toBe(sha256('moved'));
});

test('a file that is not there is MODEL_INVALID, and is read once it is there', async () => {
  const file = join(temporaryFolder(), 'late');
  await expect(sha256OfModelFile(file)).rejects.toMatchObject({ code: 'MODEL_INVALID', file });
  await writeFile(file, 'late');
  expect(await sha256OfModelFile(file)).toBe(sha256('late'));
});
