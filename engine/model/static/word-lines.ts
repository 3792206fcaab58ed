import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { isVectormillError, VectormillError } from '../../../core/errors.js';
import { decompress } from '../../corpus/decompress.js';
import { LineSplitter } from '../../corpus/line-splitter.js';
import { modelInvalid } from '../model-errors.js';

/**
 * A word and some thousand numbers need far fewer bytes. A longer line belongs to another kind of
 * file.
 */
const LONGEST_LINE = 1 << 20;
const READ_BYTES = 1 << 20;

export interface WordLine {
  /** The line's number, from 1, as editors count. */
  number: number;
  /** The line without white space at its end. */
  bytes: Uint8Array;
}

/**
 * Yields the lines of a text file, plain or gzip, that hold more than white space. Only a few lines
 * are in memory at a time. Returns the SHA-256, in hex, of the file as it is stored. Errors:
 * MODEL_INVALID where it cannot be read to its end.
 */
export async function* wordLines(file: string): AsyncGenerator<readonly WordLine[], string> {
  const hash = createHash('sha256');
  const splitter = new LineSplitter(LONGEST_LINE, 0);
  let number = 0;
  const asLine = (bytes: Uint8Array | undefined): WordLine => {
    number += 1;
    if (!bytes) throw lineInvalid(file, number, `is longer than ${LONGEST_LINE} bytes`);
    return { number, bytes: trimEnd(number === 1 ? withoutMark(bytes) : bytes) };
  };
  try {
    const compression = (await isGzip(file)) ? 'gzip' : 'none';
    for await (const piece of decompress(hashed(file, hash), compression, file)) {
      const lines = splitter.push(piece).map(({ bytes }) => asLine(bytes));
      yield lines.filter(({ bytes }) => bytes.length > 0);
    }
  } catch (error) {
    if (isVectormillError(error) && error.code === 'MODEL_INVALID') throw error;
    throw modelInvalid(file, 'the file cannot be read to its end', error);
  }
  const last = splitter.end();
  if (last) yield [asLine(last.bytes)].filter(({ bytes }) => bytes.length > 0);
  return hash.digest('hex');
}

/** Returns the error for an invalid line of a model's text file. */
export function lineInvalid(file: string, line: number, what: string): VectormillError {
  return new VectormillError('MODEL_INVALID', `line ${line} of the word vectors ${what}`, {
    component: 'model',
    file,
    position: line,
    remedy: 'Fetch the file again, or mend the line: a word and its numbers, parted by single spaces.',
  });
}

async function* hashed(file: string, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  for await (const piece of createReadStream(file, { highWaterMark: READ_BYTES })) {
    hash.update(piece as Uint8Array);
    yield piece as Uint8Array;
  }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/** Removes a byte-order mark, which is not part of the first word. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function trimEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && isSeparator(bytes[end - 1]!)) end -= 1;
  return bytes.subarray(0, end);
}

/** Returns whether a byte separates the fields of a line. */
export function isSeparator(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
