import { open } from 'node:fs/promises';
import { readBytes } from '../files/read-bytes.js';
import { graphDamaged } from './index-errors.js';

/**
 * Rows that no path of a graph leads to, because HNSW links only some of many equal vectors. They
 * are listed under the row that they are found with. All are row keys.
 */
export type AttachedRows = ReadonlyMap<bigint, readonly bigint[]>;

/** A row that no path leads to, and the row that it is found with. */
export interface Attachment {
  row: bigint;
  host: bigint;
}

const MAGIC = 'vmattach';
const PAIR_BYTES = 16;
/** The footer is a 64-bit count and the magic. */
const FOOTER_BYTES = 16;

/**
 * Encodes what follows a graph in its file: pairs of 64-bit keys (row and host), the number of
 * pairs, and a magic of 8 bytes. Without attachments, nothing follows.
 */
export function encodeAttachments(attachments: readonly Attachment[]): Uint8Array {
  if (attachments.length === 0) return new Uint8Array();
  const bytes = Buffer.alloc(attachments.length * PAIR_BYTES + FOOTER_BYTES);
  let at = 0;
  for (const { row, host } of attachments) {
    at = bytes.writeBigUInt64LE(row, at);
    at = bytes.writeBigUInt64LE(host, at);
  }
  at = bytes.writeBigUInt64LE(BigInt(attachments.length), at);
  bytes.write(MAGIC, at, 'latin1');
  return bytes;
}

/** Reads the attached rows of a graph's file, which usearch ignores. Errors: FILE_DAMAGED. */
export async function readAttachedRows(path: string): Promise<AttachedRows> {
  const attached = new Map<bigint, bigint[]>();
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const footer = await readBytes(file, size - FOOTER_BYTES, FOOTER_BYTES);
    if (footer?.toString('latin1', 8) !== MAGIC) return attached;
    const length = Number(footer.readBigUInt64LE(0)) * PAIR_BYTES;
    const pairs = await readBytes(file, size - FOOTER_BYTES - length, length);
    if (!pairs) throw graphDamaged(path, 'it says that it holds more attached rows than fit into it');
    for (let at = 0; at < pairs.length; at += PAIR_BYTES) {
      const host = pairs.readBigUInt64LE(at + 8);
      const rows = attached.get(host) ?? [];
      rows.push(pairs.readBigUInt64LE(at));
      attached.set(host, rows);
    }
    return attached;
  } finally {
    await file.close();
  }
}
