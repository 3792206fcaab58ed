import { modelInvalid } from '../model-errors.js';
import { parseDecimal } from './parse-decimal.js';
import { newRows, type RowTable } from './row-table.js';
import { isGap, lineInvalid, type WordLine, wordLines } from './word-lines.js';

/** Lines that are looked at to find how many numbers a line has. */
const LINES_TO_JUDGE = 100;

/** What is known of a file of word vectors without reading its numbers. */
export interface WordVectorsShape {
  /** Of the file as it is stored, hex. */
  sha256: string;
  /** Lines with a word. */
  rows: number;
  /** Numbers of a line. */
  columns: number;
  /** Whether the first line says both, as word2vec writes it. */
  header: boolean;
}

export interface WordVectors {
  /** The row of each word; where a word is repeated, its first. */
  words: ReadonlyMap<string, number>;
  table: RowTable;
}

/**
 * Reads a text file of a word and its numbers a line, as GloVe writes it, or word2vec and fastText with a header of two
 * counts (https://github.com/stanfordnlp/GloVe, https://fasttext.cc/docs/en/crawl-vectors.html); plain or gzip. The number of numbers is what most of the
 * first lines have, because words may hold spaces. Errors: MODEL_INVALID where there are none, where the file cannot be read
 * to its end, or where it has another number of words than its header says.
 */
export async function readWordVectorsShape(file: string): Promise<WordVectorsShape> {
  const lines = wordLines(file);
  const first: WordLine[] = [];
  let count = 0;
  let next = await lines.next();
  for (; !next.done; next = await lines.next()) {
    for (const line of next.value) {
      if (first.length > LINES_TO_JUDGE) break;
      // A view would keep the whole piece in memory that it was read with.
      first.push({ ...line, bytes: line.bytes.slice() });
    }
    count += next.value.length;
  }
  const [opening, ...others] = first.map(({ bytes }) => fieldsOf(bytes));
  const counts = first[0] ? headerOf(first[0].bytes) : undefined;
  const fields = modeOf(counts ? [0, ...others] : [opening ?? 0, ...others]);
  const header = counts !== undefined && counts.columns === fields - 1;
  const rows = header ? count - 1 : count;
  if (fields < 2 || rows < 1)
    throw modelInvalid(file, 'the file does not hold a word and its numbers a line');
  if (header && counts.rows !== rows)
    throw modelInvalid(file, `the file holds ${rows} words, its first line says ${counts.rows}`);
  return { sha256: next.value, rows, columns: fields - 1, header };
}

/**
 * The words and the first `dimensions` of each one's numbers, with the memory of the table and the words.
 * Errors: MODEL_INVALID naming the line with too few numbers or one that is not finite; those of `newRows`.
 */
export async function readWordVectors(
  file: string,
  { rows, columns, header }: WordVectorsShape,
  dimensions: number,
): Promise<WordVectors> {
  const table = newRows(file, rows, dimensions);
  const { values, stride } = table;
  const words = new Map<string, number>();
  let isHeader = header;
  for await (const lines of wordLines(file))
    for (const line of lines) {
      if (isHeader) {
        isHeader = false;
        continue;
      }
      // A repeated word leaves its row free for the next.
      const row = words.size;
      if (row >= rows) throw modelInvalid(file, 'the file changed while it was read');
      const end = readNumbers(file, line, columns, values.subarray(row * stride, row * stride + dimensions));
      const word = Buffer.from(line.bytes.buffer, line.bytes.byteOffset, end).toString('utf8');
      if (!words.has(word)) words.set(word, row);
    }
  return { words, table: { dimensions, rows: table } };
}

/** Reads a line's numbers from its end on, for a word may hold spaces; returns where the word ends, in bytes. */
function readNumbers(file: string, line: WordLine, columns: number, target: Float32Array): number {
  const { bytes, number } = line;
  let end = bytes.length;
  for (let column = columns - 1; column >= 0; column--) {
    let start = end;
    while (start > 0 && !isGap(bytes[start - 1]!)) start -= 1;
    if (start === 0) throw lineInvalid(file, number, `has fewer than ${columns} numbers after its word`);
    const value = Math.fround(parseDecimal(bytes, start, end));
    if (!Number.isFinite(value))
      throw lineInvalid(file, number, `holds what is no finite number, as number ${column + 1}`);
    if (column < target.length) target[column] = value;
    end = start;
    while (end > 0 && isGap(bytes[end - 1]!)) end -= 1;
  }
  if (end === 0) throw lineInvalid(file, number, 'has no word before its numbers');
  return end;
}

function fieldsOf(bytes: Uint8Array): number {
  let fields = 0;
  for (let at = 0; at < bytes.length; at++)
    if (!isGap(bytes[at]!) && (at === 0 || isGap(bytes[at - 1]!))) fields += 1;
  return fields;
}

function headerOf(bytes: Uint8Array): { rows: number; columns: number } | undefined {
  const found = /^(\d+)[ \t]+(\d+)$/.exec(Buffer.from(bytes).toString('latin1'));
  return found ? { rows: Number(found[1]), columns: Number(found[2]) } : undefined;
}

/** The most frequent number; of several, the largest. */
function modeOf(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  return best![0];
}
