import { isVectormillError } from '../../core/errors.js';
import { BytesEndError } from './byte-reader.js';
import { CompressionError } from './compression-error.js';
import { inputDamaged, inputUnsupported } from './corpus-errors.js';
import type { Compression } from './detect-format.js';
import { gunzip } from './gzip.js';
import { unzstd } from './zstd.js';

/**
 * Decompresses the stored bytes with the memory of one window. Several gzip members or zstd frames
 * form one stream. Errors of `bytes` pass through unchanged.
 * Errors: INPUT_DAMAGED if the stream is cut short or is not in that compression, INPUT_UNSUPPORTED
 * if it is whole and still cannot be read.
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
    if (cause instanceof BytesEndError) throw inputDamaged(uri, `the ${compression} stream ends too early`);
    if (!(cause instanceof CompressionError))
      throw inputDamaged(uri, `the ${compression} stream is damaged`, { cause });
    if (cause.remedy !== undefined) throw inputUnsupported(uri, cause.message, cause.remedy);
    throw inputDamaged(uri, cause.message, { cause });
  }
}
