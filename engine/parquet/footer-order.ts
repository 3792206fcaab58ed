/**
 * Puts the key-value pairs of a written file's footer into the map's order, in place. parquet-wasm
 * keeps them in a hash table with a random seed, so without this two writes of the same rows would
 * differ in their bytes.
 *
 * A pair is a Thrift compact struct of two strings, so its bytes are known. The pairs lie side by
 * side, so they can be swapped without moving anything else. A footer that looks different is left
 * as it is.
 */
export function orderFooterEntries(file: Uint8Array, entries: ReadonlyMap<string, string>): void {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const footerStart = bytes.byteLength - 8 - bytes.readUInt32LE(bytes.byteLength - 8);
  const pairs = [...entries].map(([key, value]) => keyValueBytes(key, value));
  const places = pairs.map((pair) => ({ start: bytes.indexOf(pair, footerStart), length: pair.length }));
  places.sort((a, b) => a.start - b.start);
  const begin = places[0]?.start ?? -1;
  if (begin < 0) return;
  let end = begin;
  for (const { start, length } of places) {
    if (start !== end) return;
    end += length;
  }
  Buffer.concat(pairs).copy(bytes, begin);
}

/**
 * The format is https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md:
 * field headers, strings, stop.
 */
function keyValueBytes(key: string, value: string): Buffer {
  const nextFieldIsBinary = Buffer.of(0x18);
  return Buffer.concat([
    nextFieldIsBinary,
    lengthPrefixed(key),
    nextFieldIsBinary,
    lengthPrefixed(value),
    Buffer.of(0),
  ]);
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const varint: number[] = [];
  let rest = bytes.byteLength;
  for (; rest > 0x7f; rest >>>= 7) varint.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.of(...varint, rest), bytes]);
}
