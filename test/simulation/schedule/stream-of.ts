import { crc32 } from 'node:zlib';

/** Returns the stream of random numbers that belongs to a name. */
export function streamOf(name: string): number {
  return crc32(name);
}
