import { open } from 'node:fs/promises';
import { readBytes } from '../files/read-bytes.js';
import { graphDamaged } from './index-errors.js';

/**
 * Rows that no path of a graph leads to, by the row that each is found with: of many equal vectors, HNSW links only some.
 * Row keys.
 */
export type AttachedRows = ReadonlyMap<bigint, readonly bigint[]>;

/** A row that cannot be reached, and the one that it is found with. */
export interface Attachment {
  row: bigint;
  host: bigint;
}

const MAGIC = 'vmattach';
const PAIR_BYTES = 16;
/** A 64-bit count and the magic. */
const FOOTER_BYTES = 16;

/** What follows a graph in its file: pairs of 64-bit keys, row and host, their number, and a magic of 8 bytes. None for none. */
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

/** The attached rows of a graph's file, which usearch passes over. Errors: FILE_DAMAGED. */
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
