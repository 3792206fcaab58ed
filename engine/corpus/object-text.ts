import { type ByteSource, wholeObject } from './byte-source.js';
import { decompress } from './decompress.js';
import { compressionOf } from './detect-format.js';
import { utf8Stream } from './utf8-stream.js';

/**
 * Yields the text that an object holds, decompressed as its name says.
 * Errors: those of `decompress` and `utf8Stream`; INPUT_CHANGED.
 */
export function objectText(source: ByteSource): AsyncIterable<Uint8Array> {
  const compression = compressionOf(source.key);
  return utf8Stream(decompress(wholeObject(source), compression, source.uri), source.uri, compression);
}
