import { crc32 } from 'node:zlib';

/** CRC-32 as S3 writes it in headers: base64 of four bytes, the highest first. */
export function encodeCrc32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
}

export function crc32Of(body: Uint8Array): string {
  return encodeCrc32(crc32(body));
}
