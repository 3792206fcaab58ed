import { createGunzip, type Gunzip } from 'node:zlib';
import { ByteReader } from './byte-reader.js';
import { CompressionError } from './compression-error.js';

const OUTPUT_BYTES = 256 * 1024;

/**
 * Yields the content of gzip members (RFC 1952), one after the other. Zero bytes between and after
 * them are padding, as they are for the gzip tool and for Python.
 * Throws CompressionError that says what is wrong.
 */
export async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes);
  try {
    for (let isFirst = true; (await reader.peek(1)).length > 0; isFirst = false) {
      const [first, second] = await reader.peek(2);
      if (first !== 0x1f || (second !== undefined && second !== 0x8b)) throw noMember(isFirst);
      yield* readMembers(reader);
      await skipZeros(reader);
    }
  } finally {
    await reader.close();
  }
}

/** Reads members up to the end, or up to a zero byte after one of them. */
async function* readMembers(reader: ByteReader): AsyncGenerator<Uint8Array> {
  const output = createGunzip({ chunkSize: OUTPUT_BYTES });
  const feeding = feed(output, reader);
  try {
    yield* output as AsyncIterable<Uint8Array>;
    await feeding;
  } catch (error) {
    throw asCompressionError(error);
  } finally {
    output.destroy();
    await feeding.catch(() => {});
  }
}

/**
 * Writes what the reader has until the output ends, and gives back what the output did not take.
 */
async function feed(output: Gunzip, reader: ByteReader): Promise<void> {
  let given = 0;
  let goOn = () => {};
  // A write to a stream that nobody reads any more is never answered.
  output.once('close', () => goOn());
  try {
    while (!output.destroyed) {
      const piece = await reader.takeSome();
      if (piece === undefined) {
        output.end();
        return;
      }
      given += piece.length;
      await new Promise<void>((resolve) => {
        goOn = resolve;
        output.write(piece, () => resolve());
      });
      const left = given - output.bytesWritten;
      if (left === 0) continue;
      reader.giveBack(piece.subarray(piece.length - left));
      return;
    }
  } catch (error) {
    output.destroy(error as Error);
  }
}

async function skipZeros(reader: ByteReader): Promise<void> {
  for (let piece = await reader.takeSome(); piece !== undefined; piece = await reader.takeSome()) {
    const first = piece.findIndex((byte) => byte !== 0);
    if (first === -1) continue;
    reader.giveBack(piece.subarray(first));
    return;
  }
}

function noMember(isFirst: boolean): CompressionError {
  return new CompressionError(
    isFirst ? 'it is not in the gzip format' : 'the bytes after its last gzip member are not a member',
  );
}

/**
 * Translates zlib's errors for somebody who looks for the damage. The original error is kept as the
 * cause.
 */
function asCompressionError(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'Z_BUF_ERROR') return new CompressionError('the gzip stream ends too early', undefined, error);
  if (code !== 'Z_DATA_ERROR') return error;
  if (message === 'incorrect header check') return noMember(false);
  const isSum = message === 'incorrect data check' || message === 'incorrect length check';
  const what = isSum
    ? 'the checksum of a gzip member does not fit its content'
    : 'the gzip stream is damaged';
  return new CompressionError(what, undefined, error);
}
