import { modelInvalid } from '../model-errors.js';
import { parseDecimal } from './parse-decimal.js';
import { newRows, type RowTable } from './row-table.js';
import { isSeparator, lineInvalid, type WordLine, wordLines } from './word-lines.js';

/** This many lines are read to find out how many numbers a line has. */
const LINES_TO_JUDGE = 100;

/** The facts that are known about a file of word vectors before its numbers are read. */
export interface WordVectorsShape {
  /** The hash of the file as it is stored, in hex. */
  sha256: string;
  /** The number of lines with a word. */
  rows: number;
  /** The number of values in a line. */
  columns: number;
  /** Whether the first line holds both counts, as word2vec writes it. */
  header: boolean;
}

export interface WordVectors {
  /** The row of each word. A word that is repeated has its first row. */
  words: ReadonlyMap<string, number>;
  table: RowTable;
}

/**
 * Reads what shape a text file of word vectors has. Each line is a word and its numbers, as GloVe
 * writes it; word2vec and fastText also write a header of two counts
 * (https://github.com/stanfordnlp/GloVe, https://fasttext.cc/docs/en/crawl-vectors.html). The file
 * is plain or gzip. The number of columns is the one that most of the first lines have, because
 * words may hold spaces. Errors: MODEL_INVALID where there are no numbers, where the file cannot be
 * read to its end, or where it has another number of words than its header says.
 */
export async function readWordVectorsShape(file: string): Promise<WordVectorsShape> {
  const lines = wordLines(file);
  const first: WordLine[] = [];
  let count = 0;
  let next = await lines.next();
  for (; !next.done; next = await lines.next()) {
    for (const line of next.value) {
      if (first.length > LINES_TO_JUDGE) break;
      // A view would keep the whole piece of the file in memory.
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
 * Reads the words, and the first `dimensions` numbers of each. Only the table and the words are
 * kept in memory. Errors: MODEL_INVALID naming a line that has too few numbers or one that is not
 * finite; those of `newRows`.
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
      // A repeated word leaves its row free for the next word.
      const row = words.size;
      if (row >= rows) throw modelInvalid(file, 'the file changed while it was read');
      const end = readNumbers(file, line, columns, values.subarray(row * stride, row * stride + dimensions));
      const word = Buffer.from(line.bytes.buffer, line.bytes.byteOffset, end).toString('utf8');
      if (!words.has(word)) words.set(word, row);
    }
  return { words, table: { dimensions, rows: table } };
}

/**
 * Reads a line's numbers from its end, because a word may hold spaces. Returns where the word ends,
 * in bytes.
 */
function readNumbers(file: string, line: WordLine, columns: number, target: Float32Array): number {
  const { bytes, number } = line;
  let end = bytes.length;
  for (let column = columns - 1; column >= 0; column--) {
    let start = end;
    while (start > 0 && !isSeparator(bytes[start - 1]!)) start -= 1;
    if (start === 0) throw lineInvalid(file, number, `has fewer than ${columns} numbers after its word`);
    const value = Math.fround(parseDecimal(bytes, start, end));
    if (!Number.isFinite(value))
      throw lineInvalid(file, number, `holds what is no finite number, as number ${column + 1}`);
    if (column < target.length) target[column] = value;
    end = start;
    while (end > 0 && isSeparator(bytes[end - 1]!)) end -= 1;
  }
  if (end === 0) throw lineInvalid(file, number, 'has no word before its numbers');
  return end;
}

function fieldsOf(bytes: Uint8Array): number {
  let fields = 0;
  for (let at = 0; at < bytes.length; at++)
    if (!isSeparator(bytes[at]!) && (at === 0 || isSeparator(bytes[at - 1]!))) fields += 1;
  return fields;
}

function headerOf(bytes: Uint8Array): { rows: number; columns: number } | undefined {
  const found = /^(\d+)[ \t]+(\d+)$/.exec(Buffer.from(bytes).toString('latin1'));
  return found ? { rows: Number(found[1]), columns: Number(found[2]) } : undefined;
}

/** Returns the most frequent number or, of several, the largest. */
function modeOf(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  return best![0];
}
