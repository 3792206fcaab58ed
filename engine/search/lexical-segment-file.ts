import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ListedRows } from '../../core/listed-rows.js';
import { sha256, sha256OfPieces } from '../files/hash.js';
import { makeFolders } from '../files/make-folders.js';
import { readBytes } from '../files/read-bytes.js';
import { appendBytes, writeWholeFile } from '../files/whole-file.js';
import { IdBytes } from './id-bytes.js';
import type { LexicalSegment, SegmentContent } from './lexical-segment.js';

/** The magic at the beginning of the file, which also says that numbers are little-endian. */
export const LEXICAL_FILE_FORMAT = 'vmlexic4';
/**
 * The counts after the magic are float64, which hold any count: the sizes in bytes of the list, the
 * terms and the ids, and the numbers of rows, terms and postings.
 */
const COUNTS = 6;
const COUNTS_END = 8 + COUNTS * 8;
/**
 * A SHA-256 of all bytes before it. One follows the list, so that a list can be read by itself, and
 * one is at the end of the file.
 */
const CHECKSUM_BYTES = 32;

/** The beginning of a file. */
interface SegmentHead {
  list: readonly ListedRows[];
  rows: number;
  terms: number;
  sections: ReturnType<typeof sectionsOf>;
}

/**
 * Returns the position at which each section begins, in bytes. The widest numbers come first.
 */
function sectionsOf(counts: readonly number[]) {
  const [listBytes = 0, termBytes = 0, idBytes = 0, rows = 0, terms = 0, postings = 0] = counts;
  const starts = COUNTS_END + listBytes + CHECKSUM_BYTES;
  const postingRows = starts + 8 * (terms + 1);
  const lengths = postingRows + 4 * postings;
  const places = lengths + 4 * rows;
  const idLengths = places + 4 * rows;
  const frequencies = idLengths + 4 * rows;
  const termText = frequencies + 2 * postings;
  const idText = termText + termBytes;
  const end = idText + idBytes;
  return { starts, postingRows, lengths, places, idLengths, frequencies, termText, idText, end };
}

/** Writes the file, which appears either whole or not at all. */
export async function writeLexicalSegment(path: string, content: SegmentContent): Promise<void> {
  const list = Buffer.from(JSON.stringify(content.list));
  const terms = Buffer.from(content.terms.join('\n'));
  const { chunkIds } = content;
  const counts = [list, terms, chunkIds.text, content.lengths, content.terms, content.rows];
  const head = [Buffer.from(LEXICAL_FILE_FORMAT), Float64Array.from(counts, ({ length }) => length), list];
  const sections = [
    content.starts,
    content.rows,
    content.lengths,
    content.places,
    chunkIds.lengths,
    content.frequencies,
    terms,
    chunkIds.text,
  ];
  await makeFolders(dirname(path));
  await writeWholeFile(path, async (handle) => {
    const hash = createHash('sha256');
    const append = async (section: NodeJS.ArrayBufferView) => {
      hash.update(section);
      await appendBytes(handle, section);
    };
    for (const section of head) await append(section);
    await append(hash.copy().digest());
    for (const section of sections) await append(section);
    await appendBytes(handle, hash.digest());
    return path;
  });
}

/**
 * Reads which rows a segment has. Returns undefined where there is no readable file, or where its
 * beginning is not what was written.
 */
export async function readSegmentList(path: string): Promise<readonly ListedRows[] | undefined> {
  const handle = await open(path, 'r').catch(() => undefined);
  const head = handle && (await readHead(handle).catch(() => undefined));
  await handle?.close();
  return head?.list;
}

/**
 * Opens a segment for searching. In memory is only what does not grow with the postings; postings
 * and ids are read when they are needed. Returns undefined where there is no readable file, or
 * where its bytes are not those that were written.
 */
export async function openLexicalSegment(path: string): Promise<LexicalSegment | undefined> {
  // Whatever is wrong with a file of the cache, it can be made again.
  const handle = await open(path, 'r').catch(() => undefined);
  if (!handle) return undefined;
  const opened = await readSegment(handle).catch(() => undefined);
  if (!opened) await handle.close();
  return opened;
}

async function readHead(handle: FileHandle): Promise<SegmentHead | undefined> {
  const start = await read(handle, 0, COUNTS_END);
  if (Buffer.from(start, 0, 8).toString('latin1') !== LEXICAL_FILE_FORMAT) return undefined;
  const counts = [...new Float64Array(start, 8, COUNTS)];
  const [listBytes = 0, , , rows = 0, terms = 0] = counts;
  const text = await read(handle, COUNTS_END, listBytes);
  const checksum = await read(handle, COUNTS_END + listBytes, CHECKSUM_BYTES);
  const written = Buffer.concat([new Uint8Array(start), new Uint8Array(text)]);
  if (sha256(written) !== Buffer.from(checksum).toString('hex')) return undefined;
  const list = JSON.parse(Buffer.from(text).toString()) as ListedRows[];
  return { list, rows, terms, sections: sectionsOf(counts) };
}

async function readSegment(handle: FileHandle): Promise<LexicalSegment | undefined> {
  const head = await readHead(handle);
  if (!head) return undefined;
  const { list, rows, terms, sections: at } = head;
  const { size } = await handle.stat();
  if (at.end + CHECKSUM_BYTES !== size || !(await checksumAgrees(handle, at.end))) return undefined;
  const starts = new Float64Array(await read(handle, at.starts, 8 * (terms + 1)));
  const lengths = new Uint32Array(await read(handle, at.lengths, 4 * rows));
  const places = new Uint32Array(await read(handle, at.places, 4 * rows));
  const text = Buffer.from(await read(handle, at.termText, at.idText - at.termText)).toString();
  const numbers = new Map(terms === 0 ? [] : text.split('\n').map((term, number) => [term, number]));
  return {
    list,
    lengths,
    places,
    async postings(term) {
      const number = numbers.get(term);
      if (number === undefined) return undefined;
      const [start, end] = [starts[number]!, starts[number + 1]!];
      const count = end - start;
      const [own, frequencies] = await Promise.all([
        read(handle, at.postingRows + 4 * start, 4 * count),
        read(handle, at.frequencies + 2 * start, 2 * count),
      ]);
      return { rows: new Uint32Array(own), frequencies: new Uint16Array(frequencies) };
    },
    async ids() {
      const [own, bytes] = await Promise.all([
        read(handle, at.idLengths, 4 * rows),
        read(handle, at.idText, at.end - at.idText),
      ]);
      return new IdBytes(new Uint32Array(own), new Uint8Array(bytes));
    },
    close: () => handle.close(),
  };
}

/**
 * The number of bytes that are hashed at once, so that a large file is never in memory as a whole.
 */
const PIECE_BYTES = 64 * 1024 * 1024;

/** Returns whether the first `end` bytes have the checksum that follows them. */
async function checksumAgrees(handle: FileHandle, end: number): Promise<boolean> {
  const checksum = Buffer.from(await read(handle, end, CHECKSUM_BYTES));
  return (await sha256OfPieces(piecesUntil(handle, end))) === checksum.toString('hex');
}

async function* piecesUntil(handle: FileHandle, end: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < end; start += PIECE_BYTES)
    yield new Uint8Array(await read(handle, start, Math.min(PIECE_BYTES, end - start)));
}

/**
 * Reads bytes into a buffer of their own, because typed arrays must begin at a multiple of their
 * element size.
 */
async function read(handle: FileHandle, position: number, length: number): Promise<ArrayBuffer> {
  const bytes = await readBytes(handle, position, length);
  if (!bytes) throw new RangeError('the file of the segment ends early');
  return bytes.buffer;
}
