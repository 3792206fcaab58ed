import { ByteReader } from './byte-reader.js';
import { inputUnsupported } from './corpus-errors.js';
import { hasUtf16ByteOrderMark } from './decode-text.js';
import { BEGINNING_BYTES, type Compression, compressionIn } from './detect-format.js';

/**
 * Yields the same bytes. However they arrived, the first piece holds a byte order mark whole.
 * `compression` is the one that they were in before.
 * Errors: INPUT_UNSUPPORTED if their beginning shows that they are not UTF-8, by the mark of UTF-16
 * or because they are still compressed.
 */
export async function* utf8Stream(
  bytes: AsyncIterable<Uint8Array>,
  uri: string,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes);
  try {
    const head = await reader.peek(BEGINNING_BYTES);
    if (hasUtf16ByteOrderMark(head))
      throw inputUnsupported(
        uri,
        'its byte order mark says that it is UTF-16',
        'convert the object to UTF-8',
      );
    const found = compressionIn(head);
    if (found !== undefined) throw stillCompressed(uri, found, compression);
    for (let piece = await reader.takeSome(); piece !== undefined; piece = await reader.takeSome())
      yield piece;
  } finally {
    await reader.close();
  }
}

function stillCompressed(uri: string, found: string, compression: Compression) {
  if (compression !== 'none')
    return inputUnsupported(
      uri,
      `inside its ${compression} there is ${found}: it is compressed twice`,
      'decompress it once',
    );
  const ending = { gzip: '.gz', zstd: '.zst' }[found];
  if (ending === undefined)
    return inputUnsupported(uri, `it is compressed with ${found}`, 'compress it with gzip or zstd instead');
  return inputUnsupported(
    uri,
    `it is compressed with ${found}, and its name does not end in ${ending}`,
    `name it …${ending}: names say how objects are compressed, not their Content-Encoding`,
  );
}
