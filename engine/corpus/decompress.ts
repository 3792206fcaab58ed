import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { isVectormillError } from '../../core/errors.js';
import { inputDamaged } from './corpus-errors.js';
import type { Compression } from './detect-format.js';

const OUTPUT_BYTES = 256 * 1024;
/** Pieces that fzstd gets at once. It recurses once a frame, so that this bounds its stack for files of tiny frames. */
const ZSTD_INPUT_BYTES = 16 * 1024;
/** The window that a zstd decoder need support by its specification is 8 MiB; the reference tool's own limit is 128 MiB. */
const ZSTD_MAX_WINDOW_BYTES = 128 * 1024 * 1024;

/**
 * The stored bytes, decompressed, with the memory of one window. Several gzip members or zstd frames are one stream.
 * Errors: INPUT_DAMAGED where the stream is cut short or is not in that compression; errors of `bytes` as they are.
 */
export function decompress(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression,
  uri: string,
): AsyncIterable<Uint8Array> {
  if (compression === 'none') return bytes;
  return guarded(compression === 'gzip' ? gunzip(bytes) : unzstd(bytes), compression, uri);
}

async function* guarded(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression,
  uri: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (cause) {
    if (isVectormillError(cause) || (cause instanceof Error && cause.name === 'AbortError')) throw cause;
    throw inputDamaged(uri, `the ${compression} stream is damaged or ends too early`, { cause });
  }
}

async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const output = createGunzip({ chunkSize: OUTPUT_BYTES });
  const input = Readable.from(bytes, { objectMode: true, highWaterMark: 1 });
  // Awaited below, and held here so that a failure while nobody waits is not an unhandled one.
  const done = pipeline(input, output).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  try {
    yield* output as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw (await done)?.error ?? error;
  } finally {
    input.destroy();
    output.destroy();
  }
}

async function* unzstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let output: Uint8Array[] = [];
  const decoder = new Decompress((piece) => {
    if (piece.length > 0) output.push(piece);
  });
  let first = true;
  for await (const piece of bytes) {
    if (first) refuseLargeWindow(piece);
    first = false;
    for (let start = 0; start < piece.length; start += ZSTD_INPUT_BYTES) {
      decoder.push(piece.subarray(start, start + ZSTD_INPUT_BYTES));
      yield* output;
      output = [];
    }
  }
  decoder.push(new Uint8Array(0), true);
  yield* output;
}

/** RFC 8878, 3.1.1.1: the window descriptor follows the frame header descriptor unless the frame is one segment. */
function refuseLargeWindow(frame: Uint8Array): void {
  const descriptor = frame[4] ?? 0;
  const exponent = (frame[5] ?? 0) >> 3;
  const isFrame = frame[0] === 0x28 && frame[1] === 0xb5 && frame[2] === 0x2f && frame[3] === 0xfd;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (isFrame && !isSingleSegment && 2 ** (10 + exponent) > ZSTD_MAX_WINDOW_BYTES)
    throw new Error('the zstd window is larger than 128 MiB');
}
