import { Client } from '@temporalio/client';
import { isVectormillError, type VectormillError } from '../../core/errors.js';
import type { TemporalPayload } from '../../engine/encryption/payload-codec.js';
import { decodePayload } from './decode-payload.js';

/** Takes every payload for an empty one. */
const UNREAD = {
  encode: async (payloads: TemporalPayload[]) => payloads,
  decode: async (payloads: TemporalPayload[]): Promise<TemporalPayload[]> =>
    payloads.map(() => ({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('null') })),
};

/**
 * Returns a client that reads no payload. What it lists and describes has every other property. A
 * client that reads payloads ends a whole list where one of them is encrypted by a missing key.
 */
export function unreadClient({ connection, options: { namespace } }: Client): Client {
  return new Client({ connection, namespace, dataConverter: { payloadCodecs: [UNREAD] } });
}

/** A part of a memo as it was stored. */
type StoredMemo = { fields?: Readonly<Record<string, TemporalPayload>> | null } | null | undefined;

/**
 * Reads one field out of the memo of a workflow that an unread client has listed or described.
 * `problem` says why it cannot be read, with the name of the missing key.
 */
export async function readMemo<T>(
  client: Pick<Client, 'options'>,
  memo: StoredMemo,
  field: string,
): Promise<{ value?: T | undefined; problem?: VectormillError }> {
  try {
    return { value: await decodePayload<T>(client, memo?.fields?.[field]) };
  } catch (error) {
    if (isUnreadable(error)) return { problem: error };
    throw error;
  }
}

/** Returns whether what Temporal stores cannot be read with the keys of this process. */
export function isUnreadable(error: unknown): error is VectormillError {
  return isVectormillError(error) && error.code === 'PAYLOAD_UNREADABLE';
}
