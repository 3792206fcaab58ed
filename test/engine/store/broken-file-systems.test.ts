import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolders } from '../../../engine/files/make-folders.js';
import { fileError, localFileError } from '../../../engine/store/file-errors.js';
import { FileStore } from '../../../engine/store/file-store.js';
import { canMount, mountFolder } from '../../support/mounted-folder.js';

const bytes = new Uint8Array(256 * 1024);
const errno = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectormill-broken-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(!canMount)('a write (needs permission to mount a file system)', () => {
  test('is STORE_DENIED if the file system is read-only, whether the folders exist or not', async () => {
    const { path, makeReadOnly } = mountFolder('size=1m');
    await mkdir(join(path, 'stands'));
    makeReadOnly();
    const store = new FileStore(path);
    for (const key of ['file', 'stands/file', 'new/file', 'new/and/deep/file'])
      await expect(store.put(key, bytes)).rejects.toMatchObject({
        code: 'STORE_DENIED',
        message: `the file system is read-only: EROFS (file://${path}/${key})`,
      });
  });

  test('is STORE_FULL if the file system is full, whether bytes or folders find no room', async () => {
    const small = mountFolder('size=64k');
    await expect(new FileStore(small.path).put('file', bytes)).rejects.toMatchObject({
      code: 'STORE_FULL',
      message: `no space is left on the file system: ENOSPC (file://${small.path}/file)`,
    });
    const crowded = mountFolder('size=1m,nr_inodes=3');
    for (const key of ['a/b/c/file', 'a/b/c/file'])
      await expect(new FileStore(crowded.path).put(key, bytes)).rejects.toMatchObject({
        code: 'STORE_FULL',
        message: expect.stringContaining('ENOSPC'),
      });
  });

  test('an error of the cache or of another local file has the same words', async () => {
    const { path, makeReadOnly } = mountFolder('size=1m');
    makeReadOnly();
    const error = await makeFolders(join(path, 'cache', 'graphs')).catch((thrown: unknown) => thrown);
    expect(localFileError(error)).toMatchObject({
      code: 'STORE_DENIED',
      message: `the file system is read-only: EROFS (${path}/cache)`,
    });
  });
});

test.skipIf(!existsSync('/proc/self'))(
  'a place that takes no folders is refused and not tried for ever',
  async () => {
    await expect(new FileStore('/proc/vectormill/deep').put('file', bytes)).rejects.toMatchObject({
      code: 'STORE_UNSUPPORTED',
      message:
        'the file system does not let a folder be made here: ENOENT (file:///proc/vectormill/deep/file)',
    });
  },
);

test.each([
  ['EROFS', 'STORE_DENIED', /read-only/],
  ['EACCES', 'STORE_DENIED', /permission was denied/],
  ['EPERM', 'STORE_DENIED', /does not permit/],
  ['ENOSPC', 'STORE_FULL', /no space is left/],
  ['EDQUOT', 'STORE_FULL', /quota is used up/],
  ['EIO', 'STORE_UNAVAILABLE', /EIO/],
  ['ESTALE', 'STORE_UNAVAILABLE', /ESTALE/],
])('%s is %s in words', (code, expected, words) => {
  expect(fileError(errno(code), 'file:///out/key')).toMatchObject({
    code: expected,
    message: expect.stringMatching(words),
    file: 'file:///out/key',
  });
});

test('an error that a file system does not explain is passed on unchanged', () => {
  expect(localFileError(errno('ENOENT', { path: '/x' }))).toBeUndefined();
  expect(localFileError(new TypeError('x'))).toBeUndefined();
});

test('folders are made if some, all or none of them exist', async () => {
  const deep = join(folder, 'a', 'b', 'c');
  await makeFolders(deep);
  await Promise.all([makeFolders(deep), makeFolders(join(deep, 'd')), makeFolders(join(deep, 'd'))]);
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolders(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolders(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});
