import { parquetMetadata } from 'hyparquet';
import { fileDamaged } from './file-damaged.js';

/**
 * The facts that a file states about itself, under names without their prefix: `fingerprint` is
 * stored under the Parquet key `vectormill.fingerprint`.
 */
export type Footer = Readonly<Record<string, string>>;

/** The facts that a file's tail tells without reading its rows. */
export interface ParquetTail {
  rows: number;
  /** The number of rows of each row group, in file order. */
  rowGroups: readonly number[];
  footer: Footer;
}

const PREFIX = 'vectormill.';
const KEY = /^[a-z][a-z0-9_]*$/;
const MAGIC = 0x31524150; // 'PAR1', little endian
/** The last bytes of every Parquet file hold the metadata's length and a magic number. */
const TRAILER_BYTES = 8;

/**
 * Returns the Parquet key-value pairs of a footer, in code-unit order so that equal footers give
 * equal bytes.
 */
export function footerEntries(footer: Footer): Map<string, string> {
  const names = Object.keys(footer).sort();
  for (const name of names) if (!KEY.test(name)) throw new RangeError(`footer key ${name}`);
  return new Map(names.map((name) => [`${PREFIX}${name}`, footer[name] as string]));
}

/**
 * Reads the tail of a whole file, or of any last part of it that holds the footer. Keys without our
 * prefix are left out. Errors: FILE_DAMAGED.
 */
export function readTail(bytes: Uint8Array, file: string): ParquetTail {
  const footerBytes = footerLength(bytes, file) + TRAILER_BYTES;
  if (footerBytes > bytes.byteLength) throw fileDamaged(file, 'its footer is longer than the file');
  try {
    const metadata = parquetMetadata(bytes.subarray(bytes.byteLength - footerBytes), { geoparquet: false });
    const rowGroups = metadata.row_groups.map((group) => Number(group.num_rows));
    const rows = Number(metadata.num_rows);
    if (rowGroups.reduce((sum, count) => sum + count, 0) !== rows || rowGroups.some((count) => count < 0))
      throw new RangeError('the row counts disagree');
    const footer: Record<string, string> = {};
    for (const { key, value } of metadata.key_value_metadata ?? [])
      if (key.startsWith(PREFIX)) footer[key.slice(PREFIX.length)] = value ?? '';
    return { rows, rowGroups, footer };
  } catch (cause) {
    throw fileDamaged(file, 'its footer cannot be read', cause);
  }
}

function footerLength(bytes: Uint8Array, file: string): number {
  if (bytes.byteLength < TRAILER_BYTES) throw fileDamaged(file, 'it is too short for a Parquet file');
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - TRAILER_BYTES);
  if (trailer.getUint32(4, true) !== MAGIC) throw fileDamaged(file, 'it does not end as a Parquet file does');
  return trailer.getUint32(0, true);
}
