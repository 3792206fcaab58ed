import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEncryptionKeys } from '../../../engine/encryption/encryption-keys.js';
import { newKey } from '../../support/encryption.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const OLD = newKey('2026-11');
const NEW = newKey('2026-12');
const keys = (listed: string, id?: string) => ({
  VECTORMILL_ENCRYPTION_KEYS: listed,
  ...(id !== undefined && { VECTORMILL_ENCRYPTION_KEY_ID: id }),
});

test('without a key nothing is encrypted, and an empty variable counts as not set', () => {
  expect(readEncryptionKeys({})).toBeUndefined();
  expect(readEncryptionKeys(keys('', ''))).toBeUndefined();
});

test('a single key is the one for new payloads; of several, the id names it', () => {
  expect(readEncryptionKeys(keys(OLD))).toMatchObject({ current: '2026-11' });
  const both = readEncryptionKeys(keys(`${OLD},${NEW}`, '2026-12'))!;
  expect([both.current, [...both.byId.keys()]]).toEqual(['2026-12', ['2026-11', '2026-12']]);
  expect(Buffer.from(both.byId.get('2026-11')!).toString('base64')).toBe(OLD.split(':')[1]);
});

test('a file holds a key a line', () => {
  const file = join(temporaryFolder(), 'keys');
  writeFileSync(file, `${OLD}\r\n\n${NEW}\n`);
  const both = readEncryptionKeys({
    VECTORMILL_ENCRYPTION_KEYS_FILE: file,
    VECTORMILL_ENCRYPTION_KEY_ID: '2026-11',
  });
  expect([...both!.byId.keys()]).toEqual(['2026-11', '2026-12']);
});

const SHORT = Buffer.alloc(16, 1).toString('base64');

test.each<[what: string, environment: NodeJS.ProcessEnv, says: RegExp]>([
  ['a key of 128 bits', keys(`k1:${SHORT}`), /the key k1 of VECTORMILL_ENCRYPTION_KEYS has 16 bytes.* 32/],
  ['a key that is not base64', keys(`k1:${'!'.repeat(44)}`), /the key k1 .* is not base64/],
  ['a key without an id', keys(OLD.split(':')[1]!), /entry 1 of VECTORMILL_ENCRYPTION_KEYS has no id/],
  ['an id behind its key', keys(`${OLD},${NEW.split(':').reverse().join(':')}`), /entry 2 .* has no id/],
  ['an id twice', keys(`${OLD},${newKey('2026-11')}`), /two keys of the id 2026-11/],
  [
    'an id without a key',
    keys(OLD, 'another'),
    /VECTORMILL_ENCRYPTION_KEY_ID names the key another, .* has 2026-11/,
  ],
  [
    'several keys without an id',
    keys(`${OLD},${NEW}`),
    /has 2 keys, 2026-11, 2026-12, and VECTORMILL_ENCRYPTION_KEY_ID/,
  ],
  ['an id alone', { VECTORMILL_ENCRYPTION_KEY_ID: 'k1' }, /KEY_ID is set, but no key is/],
  ['a list without a key', keys(' , '), /holds no key/],
  ['a list and a file', { ...keys(OLD), VECTORMILL_ENCRYPTION_KEYS_FILE: '/keys' }, /are both set/],
  [
    'a file that is not there',
    { VECTORMILL_ENCRYPTION_KEYS_FILE: '/nowhere/keys' },
    /names \/nowhere\/keys.*ENOENT/,
  ],
])('%s is refused, and no key is shown', (_, environment, says) => {
  const refuse = () => readEncryptionKeys(environment);
  expect(refuse).toThrow(
    expect.objectContaining({ code: 'SETTING_INVALID', message: expect.stringMatching(says) }),
  );
  const secrets = [OLD, NEW, `:${SHORT}`].map((entry) => entry.split(':')[1]!);
  for (const secret of secrets) expect(refuse).toThrow(expect.not.stringContaining(secret));
});
