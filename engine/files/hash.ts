import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The number of bytes of a file that are read and hashed at once. */
const PIECE_BYTES = 1 << 20;

/** Returns the sha256 in hex. Strings are hashed as UTF-8. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** Returns the sha256, in hex, of bytes that come piece by piece. Errors: those of the pieces. */
export async function sha256OfPieces(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const running = createHash('sha256');
  for await (const piece of pieces) running.update(piece);
  return running.digest('hex');
}

/** Returns the sha256, in hex, of a file, which is read piece by piece. Errors: the system's. */
export function sha256OfFile(path: string): Promise<string> {
  return sha256OfPieces(createReadStream(path, { highWaterMark: PIECE_BYTES }));
}
