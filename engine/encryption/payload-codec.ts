import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import protobuf from 'protobufjs';
import { VectormillError } from '../../core/errors.js';
import { NAME_PATTERN } from '../../core/name.js';
import type { EncryptionKeys } from './encryption-keys.js';

/** A value as Temporal sends and stores it: bytes, and how they are to be read. */
export interface TemporalPayload {
  metadata?: { [name: string]: Uint8Array } | null;
  data?: Uint8Array | null;
}

/** Changes payloads on their way to Temporal and back, as a `PayloadCodec` of its SDK does. */
export interface EncryptionCodec {
  encode(payloads: TemporalPayload[]): Promise<TemporalPayload[]>;
  decode(payloads: TemporalPayload[]): Promise<TemporalPayload[]>;
}

/** The form of a payload before it is encrypted, with the numbers of Temporal's API. */
const PAYLOAD = protobuf
  .parse('syntax = "proto3"; message Payload { map<string, bytes> metadata = 1; bytes data = 2; }')
  .root.lookupType('Payload');

const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Makes a codec that encrypts payloads by the current key, and reads those of every key. Without
 * keys it encrypts nothing. What is not encrypted is read as it is, so that histories from before
 * stay readable.
 * Errors: PAYLOAD_UNREADABLE for a payload whose key is not here, or that this key does not open.
 */
export function encryptionCodec(keys: EncryptionKeys | undefined): EncryptionCodec {
  return {
    encode: async (payloads) => (keys ? payloads.map((payload) => encrypt(payload, keys)) : payloads),
    decode: async (payloads) =>
      payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, keys) : payload)),
  };
}

function encrypt(payload: TemporalPayload, { current, byId }: EncryptionKeys): TemporalPayload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, byId.get(current)!, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(current));
  const plain = PAYLOAD.encode(payload).finish();
  return {
    metadata: {
      encoding: Buffer.from(ENCODING),
      'encryption-cipher': Buffer.from(CIPHER),
      'encryption-key-id': Buffer.from(current),
    },
    data: Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
  };
}

function decrypt(payload: TemporalPayload, keys: EncryptionKeys | undefined): TemporalPayload {
  const id = metadataOf(payload, 'encryption-key-id');
  const key = keys?.byId.get(id);
  if (!key) throw keyMissing(id, keys);
  const data = payload.data ?? new Uint8Array();
  try {
    const nonce = data.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(id));
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    const encrypted = data.subarray(NONCE_BYTES, -TAG_BYTES);
    return PAYLOAD.decode(Buffer.concat([decipher.update(encrypted), decipher.final()])) as TemporalPayload;
  } catch {
    throw unreadable(
      `the key ${id} does not open a payload that names it`,
      'Give every worker and command the same key under this id; if they have it, the payload was changed.',
    );
  }
}

function isEncrypted(payload: TemporalPayload): boolean {
  return metadataOf(payload, 'encoding') === ENCODING;
}

function metadataOf({ metadata }: TemporalPayload, name: string): string {
  const value = metadata?.[name];
  return value ? Buffer.from(value).toString() : '';
}

function keyMissing(id: string, keys: EncryptionKeys | undefined): VectormillError {
  // The id comes from a server.
  const named = NAME_PATTERN.test(id) ? `the key ${id}` : 'a key without a valid id';
  const held = keys ? `only ${[...keys.byId.keys()].join(', ')}` : 'none';
  return unreadable(
    `a payload is encrypted by ${named}, which is not here (of keys, this process has ${held})`,
    'Add the key to VECTORMILL_ENCRYPTION_KEYS of this worker or command.',
  );
}

function unreadable(message: string, remedy: string): VectormillError {
  return new VectormillError('PAYLOAD_UNREADABLE', message, { component: 'encryption', remedy });
}
