import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedRows } from '../../core/listed-rows.js';
import { isWhole } from '../../core/version-parts.js';
import { cacheFolder } from '../files/cache-folder.js';
import { sha256 } from '../files/hash.js';
import { makeFolders } from '../files/make-folders.js';
import { writeWholeFile } from '../files/whole-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { LEXICAL_FILE_FORMAT } from './lexical-segment-file.js';
import { LEXICAL_TERMS } from './lexical-terms.js';

const SEGMENT = '.segment';

/** The folder of the cache with the segments of a dataset, which its versions share. */
export class LexicalFolder {
  readonly #path: string;
  /** The file that names the segments by which the version was searched last. */
  readonly #noted: string;

  /**
   * The folder has a hash of the format of the files, of how texts become words, and of the
   * dataset, so that releases do not read each other's files, and that a search looks through few.
   */
  constructor({ store, location, job, parts }: ReadableVersion) {
    const rules = [LEXICAL_FILE_FORMAT, LEXICAL_TERMS, job.spec.chunking.prefix];
    const name = sha256(JSON.stringify([...rules, store.root, location.dataset]));
    this.#path = join(cacheFolder(), 'lexical', name);
    const contents = [...parts].map((part) =>
      isWhole(part) ? part.chunks.sha256 : [part.chunks.sha256, part.live],
    );
    this.#noted = join(this.#path, `${sha256(JSON.stringify(contents))}.json`);
  }

  /** Returns the names of all segments. */
  async all(): Promise<string[]> {
    const names = await readdir(this.#path).catch(() => []);
    return names.filter((name) => name.endsWith(SEGMENT)).sort();
  }

  /** Returns the names of the segments that were noted for the version, or nothing. */
  async noted(): Promise<string[]> {
    try {
      const names: unknown = JSON.parse(await readFile(this.#noted, 'utf8'));
      const isName = (name: unknown) => typeof name === 'string' && /^[0-9a-f]{64}\.segment$/u.test(name);
      return Array.isArray(names) && names.every(isName) ? (names as string[]) : [];
    } catch {
      // Whatever is wrong with a file of the cache, all segments can be looked through.
      return [];
    }
  }

  /** Notes by which segments the version is searched. Errors: the system's. */
  async note(names: readonly string[]): Promise<void> {
    await makeFolders(this.#path);
    await writeWholeFile(this.#noted, async (handle) => {
      await handle.writeFile(JSON.stringify(names));
      return this.#noted;
    });
  }

  /** Returns the name of a segment, which follows from its rows. */
  nameOf(list: readonly ListedRows[]): string {
    return `${sha256(JSON.stringify(list))}${SEGMENT}`;
  }

  pathOf(name: string): string {
    return join(this.#path, name);
  }
}
