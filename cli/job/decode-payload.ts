import type { Client } from '@temporalio/client';
import type { ProtoFailure } from '@temporalio/common';

type StoredPayload = NonNullable<ProtoFailure['encodedAttributes']>;

/**
 * Decodes a payload out of a raw answer of the server, which the client leaves as it is.
 * Errors: PAYLOAD_UNREADABLE.
 */
export async function decodePayload<T>(
  client: Pick<Client, 'options'>,
  payload: StoredPayload | null | undefined,
): Promise<T | undefined> {
  if (!payload) return undefined;
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let decoded = [payload];
  for (const codec of payloadCodecs) decoded = await codec.decode(decoded);
  return payloadConverter.fromPayload<T | undefined>(decoded[0]!);
}

/**
 * Returns the message of a failure out of a raw answer of the server.
 * Errors: PAYLOAD_UNREADABLE.
 */
export async function messageOfFailure(
  client: Pick<Client, 'options'>,
  { message, encodedAttributes }: ProtoFailure,
): Promise<string | undefined> {
  const hidden = await decodePayload<{ message?: string }>(client, encodedAttributes);
  return hidden?.message ?? message ?? undefined;
}
