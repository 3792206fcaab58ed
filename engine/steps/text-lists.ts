import type { CorpusLists } from '../../core/manifest.js';
import type { TextEntry } from '../../core/text-entry.js';
import { writeTextListFile } from '../parquet/text-list-file.js';
import type { OpenVersion } from '../version/open-version.js';
import { ListWriter } from './list-writer.js';

/** Writes the list of a version's texts, and that of the other rows which have one of them. */
export class TextLists {
  readonly #texts: ListWriter<TextEntry>;
  readonly #repeats: ListWriter<TextEntry>;
  #last: string | undefined;

  constructor(version: OpenVersion) {
    this.#texts = new ListWriter(version, 'texts', writeTextListFile);
    this.#repeats = new ListWriter(version, 'repeats', writeTextListFile);
  }

  /** Takes the next entry. Entries come in the order of `byText`. */
  async add(entry: TextEntry): Promise<void> {
    await (entry.textHash === this.#last ? this.#repeats : this.#texts).add(entry);
    this.#last = entry.textHash;
  }

  async finish(): Promise<Pick<CorpusLists, 'texts' | 'repeats'>> {
    return { texts: await this.#texts.finish(), repeats: await this.#repeats.finish() };
  }
}
