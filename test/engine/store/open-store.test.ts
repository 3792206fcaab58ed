import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileStore } from '../../../engine/store/file-store.js';
import { openStore, splitUri } from '../../../engine/store/open-store.js';
import { S3Store } from '../../../engine/store/s3-store.js';

describe('opening a store', () => {
  test.each([
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/', 's3://bucket'],
    ['s3://bucket/some/prefix', 's3://bucket/some/prefix'],
    ['s3://bucket/some/prefix//', 's3://bucket/some/prefix'],
    ['S3://bucket/a b+%20ü', 's3://bucket/a b+%20ü'],
  ])('%s is the S3 store %s', async (uri, root) => {
    const store = openStore(uri, { AWS_REGION: 'us-east-1' });
    expect(store).toBeInstanceOf(S3Store);
    expect(store.root).toBe(root);
    await store.close();
  });

  test.each([
    ['file:///data/out', 'file:///data/out'],
    ['file:///data/out/', 'file:///data/out'],
    ['file:///data/a b%20c', 'file:///data/a b%20c'],
    ['/data/./out/', 'file:///data/out'],
    ['/', 'file://'],
    ['file://', 'file://'],
    ['some/folder', `file://${resolve('some/folder')}`],
  ])('%s is the file store %s', (uri, root) => {
    const store = openStore(uri);
    expect(store).toBeInstanceOf(FileStore);
    expect(store.root).toBe(root);
  });

  test.each(['', 's3://', 's3:///key', 'file://host/path', 'gs://bucket/key', 'https://host/key', 'a\0b'])(
    '%j is refused',
    (uri) => {
      expect(() => openStore(uri)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});

describe('splitting an object URI', () => {
  test.each([
    ['s3://bucket/key', 's3://bucket', 'key'],
    ['s3://bucket/some/pre fix/key.jsonl', 's3://bucket/some/pre fix', 'key.jsonl'],
    ['file:///data/key', 'file:///data', 'key'],
    ['/key', 'file://', 'key'],
    ['s3://bucket/folder//key', 's3://bucket/folder', '/key'],
    ['s3://bucket//key', 's3://bucket', '/key'],
    ['/data/folder/key', 'file:///data/folder', 'key'],
  ])('%s is in %s under %s', (uri, root, key) => {
    expect(splitUri(uri)).toEqual({ root, key });
  });

  test.each(['s3://bucket', 's3://bucket/', 's3://bucket/folder/', '/folder/', 'ftp://host/key'])(
    '%s names no object',
    (uri) => {
      expect(() => splitUri(uri)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );

  test('a root, a slash and a key make the URI that splits into an equal place', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'é', ' ', '%', '+', '#', '?', ':'),
      minLength: 1,
      maxLength: 4,
    });
    const path = fc.array(name, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom('s3://bucket', 'file:///folder', 'file://'), path, (start, names) => {
        const uri = [start, ...names].join('/');
        const { root, key } = splitUri(uri);
        expect(`${openStore(root, { AWS_REGION: 'us-east-1' }).root}/${key}`).toBe(uri);
      }),
      { numRuns: 30 },
    );
  });
});
