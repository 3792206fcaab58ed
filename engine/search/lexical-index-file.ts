import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Postings } from '../../core/search/postings.js';
import { sha256OfPieces } from '../files/hash.js';
import { makeFolders } from '../files/make-folders.js';
import { readBytes } from '../files/read-bytes.js';
import { appendBytes, writeWholeFile } from '../files/whole-file.js';
import type { PostingsSource } from './lexical-scores.js';

/** The magic at the beginning of the file, which also says that numbers are little-endian. */
export const LEXICAL_FILE_FORMAT = 'vmlexic3';
/**
 * The header is the magic, then the size of the terms in bytes, and the numbers of rows, terms and
 * postings, as float64, which hold any count.
 */
const HEADER_BYTES = 8 + 4 * 8;
/** The SHA-256 of all bytes before it, at the end of the file. */
const CHECKSUM_BYTES = 32;

/** An inverted index that also knows the order of its rows' ids. */
export interface OrderedPostings extends Postings {
  /** `[rows]`: the position of each row's chunk id among all chunk ids in ascending order. */
  places: Uint32Array;
}

/**
 * A lexical index on disk. In memory is only what does not grow with the postings; postings are
 * read when they are needed.
 */
export interface LexicalIndexFile extends PostingsSource, Pick<OrderedPostings, 'places'> {
  close(): Promise<void>;
}

/**
 * Returns the position at which each section begins, in bytes. The widest numbers come first, so
 * that all are aligned.
 */
function sectionsOf(termBytes: number, rows: number, terms: number, postings: number) {
  const starts = HEADER_BYTES;
  const postingRows = starts + 8 * (terms + 1);
  const lengths = postingRows + 4 * postings;
  const places = lengths + 4 * rows;
  const frequencies = places + 4 * rows;
  const termText = frequencies + 2 * postings;
  return { starts, postingRows, lengths, places, frequencies, termText, end: termText + termBytes };
}

/** Writes the file, which appears either whole or not at all. */
export async function writeLexicalIndex(path: string, postings: OrderedPostings): Promise<void> {
  const terms = Buffer.from(postings.terms.join('\n'));
  const counts = [terms.length, postings.lengths.length, postings.terms.length, postings.rows.length];
  const sections = [
    Buffer.from(LEXICAL_FILE_FORMAT),
    Float64Array.from(counts),
    postings.starts,
    postings.rows,
    postings.lengths,
    postings.places,
    postings.frequencies,
    terms,
  ];
  await makeFolders(dirname(path));
  await writeWholeFile(path, async (handle) => {
    const hash = createHash('sha256');
    for (const section of sections) {
      hash.update(section);
      await appendBytes(handle, section);
    }
    await appendBytes(handle, hash.digest());
    return path;
  });
}

/**
 * Opens the file for searching. Returns undefined where there is no readable file, or where its
 * bytes are not those that were written.
 */
export async function openLexicalIndex(path: string): Promise<LexicalIndexFile | undefined> {
  // Whatever is wrong with a file of the cache, it can be made again.
  const handle = await open(path, 'r').catch(() => undefined);
  if (!handle) return undefined;
  const opened = await readIndex(handle).catch(() => undefined);
  if (!opened) await handle.close();
  return opened;
}

async function readIndex(handle: FileHandle): Promise<LexicalIndexFile | undefined> {
  const { size } = await handle.stat();
  if (size < HEADER_BYTES) return undefined;
  const header = await read(handle, 0, HEADER_BYTES);
  if (Buffer.from(header, 0, 8).toString('latin1') !== LEXICAL_FILE_FORMAT) return undefined;
  const [termBytes = 0, rows = 0, terms = 0, postings = 0] = new Float64Array(header, 8, 4);
  const at = sectionsOf(termBytes, rows, terms, postings);
  if (at.end + CHECKSUM_BYTES !== size || !(await checksumAgrees(handle, at.end))) return undefined;
  const starts = new Float64Array(await read(handle, at.starts, 8 * (terms + 1)));
  const lengths = new Uint32Array(await read(handle, at.lengths, 4 * rows));
  const places = new Uint32Array(await read(handle, at.places, 4 * rows));
  const text = Buffer.from(await read(handle, at.termText, termBytes)).toString();
  const numbers = new Map(terms === 0 ? [] : text.split('\n').map((term, number) => [term, number]));
  return {
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
  if (!bytes) throw new RangeError('the lexical index ends early');
  return bytes.buffer;
}
