import type { ChunkRow } from '../../core/chunk.js';
import { counted } from '../../core/counted.js';
import type { ListPiece } from '../../core/manifest.js';
import { readTextListFile, type TextList } from '../parquet/text-list-file.js';
import { TextRows, TextTable } from '../reuse/text-table.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { addDifference, checkedListBytes, manifestFile, type VerifyReport } from './verify-report.js';

/**
 * Checks that a version's lists of texts and of their repeats name, for each text, live rows that
 * have it. Memory holds the lists, at 24 bytes an entry.
 */
export class TextCheck {
  readonly #table: TextTable;
  readonly #isComplete: boolean;
  readonly #repeats: TextRows;
  #found = 0;
  #missing = 0;

  private constructor(table: TextTable, repeats: TextRows, isComplete: boolean) {
    this.#table = table;
    this.#repeats = repeats;
    this.#isComplete = isComplete;
  }

  /**
   * Reads the list. Undefined for a version that has none, and for one whose list is damaged, which
   * is noted.
   */
  static async open(version: ReadableVersion, report: VerifyReport): Promise<TextCheck | undefined> {
    const { manifest, job } = version;
    const corpus = manifest.formatVersion === 2 ? manifest.lists.corpus : undefined;
    if (!corpus?.texts) return undefined;
    const lists = await readLists(version, corpus.texts, report);
    const repeatLists = await readLists(version, corpus.repeats ?? [], report);
    if (!lists || !repeatLists) return undefined;
    const table = new TextTable(lists);
    const repeats = new TextRows(repeatLists);
    if (!table.isAscending() || !repeats.isAscending())
      addDifference(report, manifestFile(version), 'lists texts in another order');
    // Where a carried row of a text died, the next one is known only if all its rows were listed.
    const isComplete = job.carry === undefined || table.length + repeats.length === manifest.totals.chunks;
    return new TextCheck(table, repeats, isComplete);
  }

  /** Takes the next live row of the version. */
  addRow({ textSha256, rowKey }: Pick<ChunkRow, 'textSha256' | 'rowKey'>): void {
    const listed = this.#table.find(textSha256);
    if (listed === rowKey || this.#repeats.has(textSha256, rowKey)) this.#found += 1;
    if (listed === undefined) this.#missing += 1;
  }

  /** Notes what is wrong with the list, once all live rows were taken. */
  finish(version: ReadableVersion, report: VerifyReport): void {
    const wrong = this.#table.length + this.#repeats.length - this.#found;
    if (wrong > 0)
      addDifference(
        report,
        manifestFile(version),
        `lists ${counted(wrong, 'text')} for rows that have others`,
      );
    if (this.#isComplete && this.#missing > 0)
      addDifference(report, manifestFile(version), `lists no text of ${counted(this.#missing, 'row')}`);
  }
}

/** Reads the pieces of a list. Undefined where one of them is damaged, which is noted. */
async function readLists(
  version: ReadableVersion,
  pieces: readonly ListPiece[],
  report: VerifyReport,
): Promise<TextList[] | undefined> {
  const lists: TextList[] = [];
  for (const piece of pieces) {
    const bytes = await checkedListBytes(version, piece, report);
    if (!bytes) return undefined;
    lists.push(readTextListFile(bytes, `${version.store.root}/${piece.key}`));
  }
  return lists;
}
