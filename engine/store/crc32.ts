import { crc32 } from 'node:zlib';

/** Writes a CRC-32 as S3 has it in headers: base64 of four bytes, the highest first. */
export function encodeCrc32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
}

/** Returns the CRC-32 of bytes as S3 has it in headers. */
export function crc32Of(body: Uint8Array): string {
  return encodeCrc32(crc32(body));
}
