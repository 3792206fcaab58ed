import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encryptionCodec, type TemporalPayload } from '../../../engine/encryption/payload-codec.js';
import { encryptionKeys, newKey } from '../../support/encryption.js';

const OLD = newKey('old');
const NEW = newKey('new');
const bytes = (text: string) => new TextEncoder().encode(text);
const payload: TemporalPayload = {
  metadata: { encoding: bytes('json/plain') },
  data: bytes('"a planted text"'),
};
const textOf = ({ metadata, data }: TemporalPayload) =>
  [...Object.values(metadata ?? {}), data ?? []]
    .map((part) => Buffer.from(part).toString('latin1'))
    .join(' ');

test('whatever is encrypted is read again as it was', async () => {
  const codec = encryptionCodec(encryptionKeys(NEW, OLD));
  const arbitrary = fc.record({
    metadata: fc.dictionary(fc.constantFrom('encoding', 'messageType', 'x'), fc.uint8Array()),
    data: fc.uint8Array(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(arbitrary), async (payloads) => {
      const read = await codec.decode(await codec.encode(payloads));
      const plain = ({ metadata, data }: TemporalPayload) => ({
        metadata: Object.fromEntries(
          Object.entries(metadata ?? {}).map(([name, value]) => [name, [...value]]),
        ),
        data: [...(data ?? [])],
      });
      expect(read.map(plain)).toEqual(payloads.map(plain));
    }),
  );
});

test('the same payload is never encrypted to the same bytes', async () => {
  const codec = encryptionCodec(encryptionKeys(NEW));
  const encrypted = await codec.encode(Array.from({ length: 100 }, () => payload));
  expect(new Set(encrypted.map(textOf)).size).toBe(100);
  for (const own of encrypted) expect(textOf(own)).not.toContain('planted');
});

test('payloads name their key; those of an old key, and those that are not encrypted, are read', async () => {
  const [old] = await encryptionCodec(encryptionKeys(OLD)).encode([payload]);
  expect(textOf(old!)).toMatch(/^binary\/encrypted aes-256-gcm old /);
  const read = await encryptionCodec(encryptionKeys(NEW, OLD)).decode([old!, payload]);
  expect(read.map(textOf)).toEqual([payload, payload].map(textOf));
});

test('without keys nothing is encrypted, and the key of what is encrypted is named', async () => {
  const codec = encryptionCodec(undefined);
  expect(await codec.encode([payload])).toEqual([payload]);
  const encrypted = await encryptionCodec(encryptionKeys(NEW)).encode([payload]);
  await expect(codec.decode(encrypted)).rejects.toMatchObject({
    code: 'PAYLOAD_UNREADABLE',
    message: expect.stringContaining('the key new, which is not here (of keys, this process has none)'),
  });
  await expect(encryptionCodec(encryptionKeys(OLD)).decode(encrypted)).rejects.toThrow(
    /the key new, .* has only old/,
  );
});

test.each<[what: string, change: (own: Required<TemporalPayload>) => TemporalPayload]>([
  [
    'a changed byte',
    ({ metadata, data }) => ({ metadata, data: data!.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) }),
  ],
  ['a missing end', ({ metadata, data }) => ({ metadata, data: data!.subarray(0, -1) })],
  ['nothing but a nonce', ({ metadata, data }) => ({ metadata, data: data!.subarray(0, 12) })],
  ['no data', ({ metadata }) => ({ metadata })],
  [
    'the id of another key',
    ({ metadata, data }) => ({ metadata: { ...metadata, 'encryption-key-id': bytes('new') }, data }),
  ],
])('%s is refused', async (_, change) => {
  const [own] = await encryptionCodec(encryptionKeys(OLD)).encode([payload]);
  // The other id has the same key, so that only the bound id tells them apart.
  const keys = encryptionKeys(OLD, `new:${OLD.split(':')[1]}`);
  await expect(
    encryptionCodec(keys).decode([change(own as Required<TemporalPayload>)]),
  ).rejects.toMatchObject({
    code: 'PAYLOAD_UNREADABLE',
  });
});

test('an id that is no name is not shown', async () => {
  const hostile = {
    metadata: { encoding: bytes('binary/encrypted'), 'encryption-key-id': bytes('\u001b[31m') },
  };
  await expect(encryptionCodec(encryptionKeys(OLD)).decode([hostile])).rejects.toThrow(
    /a key without a valid id/,
  );
});
