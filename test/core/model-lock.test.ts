import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { coversLock, hubNameText, isPathBelow, parseHubName } from '../../core/model-lock.js';

describe('a name on the hub', () => {
  test.each([
    ['org/name', 'org/name', 'main'],
    ['BAAI/bge-small-en-v1.5@v1.5', 'BAAI/bge-small-en-v1.5', 'v1.5'],
    ['o/n@refs/pr/12', 'o/n', 'refs/pr/12'],
  ])('%j is read', (text, repository, revision) => {
    expect(parseHubName(text)).toEqual({ repository, revision });
    expect(parseHubName(hubNameText({ repository, revision }))).toEqual({ repository, revision });
  });

  test.each([
    'name',
    './org/name',
    '/org/name',
    '../name',
    'org/..',
    'org/name/more',
    'org/na--me',
    'org/name@',
    'org/name@../x',
    'org/name@a//b',
    'org/name@-x',
    'https://huggingface.co/org/name',
    'org\\name',
    'org/name@a b',
  ])('%j is none', (text) => {
    expect(parseHubName(text)).toBeUndefined();
  });
});

describe('a path of a list', () => {
  it('stays below every folder, or is refused', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'c:', '\\', 'a\\..\\b', '\0'), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const path = parts.join('/');
        if (!isPathBelow(path)) return;
        const root = resolve('/some/folder');
        expect(join(root, path).startsWith(root + sep)).toBe(true);
      }),
    );
  });
});

describe('a lock', () => {
  const file = (path: string, sha256 = 'a') => ({ path, bytes: 1, sha256 });

  it('covers another with the same bytes or fewer files, and no other bytes', () => {
    const held = { files: [file('x'), file('y', 'b')] };
    expect(coversLock(held, { files: [file('x')] })).toBe(true);
    expect(coversLock(held, { files: [file('x', 'b')] })).toBe(false);
    expect(coversLock(held, { files: [file('z')] })).toBe(false);
  });
});
