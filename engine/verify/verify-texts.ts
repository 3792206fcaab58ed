import type { ChunkRow } from '../../core/chunk.js';
import { counted } from '../../core/counted.js';
import { readTextListFile, type TextList } from '../parquet/text-list-file.js';
import { TextTable } from '../reuse/text-table.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { addDifference, checkedListBytes, manifestFile, type VerifyReport } from './verify-report.js';

/**
 * Checks that a version's list of texts names, for each text, a live row that has it. Memory holds
 * the list, at 24 bytes a text.
 */
export class TextCheck {
  readonly #table: TextTable;
  readonly #isComplete: boolean;
  #found = 0;
  #missing = 0;

  private constructor(table: TextTable, isComplete: boolean) {
    this.#table = table;
    this.#isComplete = isComplete;
  }

  /**
   * Reads the list. Undefined for a version that has none, and for one whose list is damaged, which
   * is noted.
   */
  static async open(version: ReadableVersion, report: VerifyReport): Promise<TextCheck | undefined> {
    const { manifest, job, store } = version;
    const pieces = manifest.formatVersion === 2 ? manifest.lists.corpus?.texts : undefined;
    if (!pieces) return undefined;
    const lists: TextList[] = [];
    for (const piece of pieces) {
      const bytes = await checkedListBytes(version, piece, report);
      if (!bytes) return undefined;
      lists.push(readTextListFile(bytes, `${store.root}/${piece.key}`));
    }
    const table = new TextTable(lists);
    if (!table.isAscending()) addDifference(report, manifestFile(version), 'lists texts in another order');
    // Where a carried row stood for a text and died, no other row of that text is looked for.
    return new TextCheck(table, job.carry === undefined);
  }

  /** Takes the next live row of the version. */
  addRow({ textSha256, rowKey }: Pick<ChunkRow, 'textSha256' | 'rowKey'>): void {
    const listed = this.#table.find(textSha256);
    if (listed === rowKey) this.#found += 1;
    if (listed === undefined) this.#missing += 1;
  }

  /** Notes what is wrong with the list, once all live rows were taken. */
  finish(version: ReadableVersion, report: VerifyReport): void {
    const wrong = this.#table.length - this.#found;
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
