import { errorWith, isVectormillError } from '../../core/errors.js';
import { encodingOf, type Probe } from '../../core/manifest.js';
import type { PartFile } from '../../core/part.js';
import { fileRowOf } from '../../core/row-source.js';
import type { StoredValues } from '../../core/vector-encoding.js';
import type { VectorEncoding } from '../../core/vector-precision.js';
import { readStoredRows, type StoredRows } from '../parquet/vector-file.js';
import { readListedFile } from '../version/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { unlessDamaged } from '../version/unless-damaged.js';
import { readTextTable } from './read-text-table.js';
import { TextTable } from './text-table.js';

/** The bytes of vectors that a lender keeps, because neighbouring parts often need one file. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** The vector that a version has of a text: its stored numbers, `[storedWidth]`. */
export interface LentVector {
  textSha256: string;
  values: StoredValues;
}

/** The vectors that a version can lend, and what proves that they are of the same model. */
export interface LendableVectors extends Pick<ReadableVersion, 'store' | 'parts'> {
  /** The name of the version, such as `handbook@2026-11`. */
  name: string;
  fingerprint: string;
  encoding: VectorEncoding;
  probe: Probe;
  readTexts(): Promise<TextTable>;
  /**
   * Whether nobody has named the version. Where its files are gone or damaged, it then lends
   * nothing, and otherwise the job stops and says so.
   */
  isUnnamed: boolean;
}

/** Returns what a finished version can lend. */
export function lendableVectors(version: ReadableVersion, { isUnnamed = false } = {}): LendableVectors {
  const { store, parts, manifest } = version;
  return {
    store,
    parts,
    name: `${manifest.dataset}@${manifest.version}`,
    fingerprint: manifest.fingerprint,
    encoding: encodingOf(manifest),
    probe: manifest.probe,
    readTexts: () => readTextTable(version),
    isUnnamed,
  };
}

/** A text, and the place in a file of the row that has its vector. */
interface WantedRow {
  text: string;
  place: number;
}

/** A version whose vectors serve another one that has some of the same texts. */
export class Lender {
  readonly name: string;
  readonly fingerprint: string;
  readonly encoding: VectorEncoding;
  readonly probe: Probe;
  readonly #lendable: LendableVectors;
  #table: Promise<TextTable> | undefined;
  /** The files that were read last, the latest at the end. */
  readonly #files = new Map<string, { bytes: number; rows: Promise<StoredRows | undefined> }>();

  constructor(lendable: LendableVectors) {
    this.name = lendable.name;
    this.fingerprint = lendable.fingerprint;
    this.encoding = lendable.encoding;
    this.probe = lendable.probe;
    this.#lendable = lendable;
  }

  /**
   * Yields the vectors that live rows of the version have of these texts. Each file is read once,
   * and only files that have one of the texts. Errors, for a version that somebody has named:
   * OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED, which all name the file.
   */
  async *lend(texts: Iterable<string>): AsyncGenerator<LentVector> {
    for (const { file, wanted } of await this.#find(texts)) {
      const rows = await this.#read(file);
      if (!rows) continue;
      const { textSha256, values, width } = rows;
      for (const { text, place } of wanted) {
        if (textSha256[place] !== text) continue;
        yield { textSha256: text, values: values.subarray(place * width, (place + 1) * width) };
      }
    }
  }

  /** Returns the files that have some of the texts in live rows, in the order of their keys. */
  async #find(texts: Iterable<string>) {
    const { parts } = this.#lendable;
    const table = await this.#texts();
    const byFile = new Map<string, { file: PartFile; wanted: WantedRow[] }>();
    for (const text of texts) {
      const key = table.find(text);
      if (key === undefined || parts.rowOf(key) === undefined) continue;
      const part = parts.partOfKey(key)!;
      const { vectors } = part;
      const found = byFile.get(vectors.key) ?? { file: vectors, wanted: [] };
      byFile.set(vectors.key, found);
      found.wanted.push({ text, place: fileRowOf(part, key)! - vectors.start });
    }
    return [...byFile.values()].sort((a, b) => (a.file.key < b.file.key ? -1 : 1));
  }

  #texts(): Promise<TextTable> {
    this.#table ??= this.#readTable().catch((error: unknown) => {
      this.#table = undefined;
      throw error;
    });
    return this.#table;
  }

  async #readTable(): Promise<TextTable> {
    return (await this.#unlessDamaged(() => this.#lendable.readTexts())) ?? new TextTable([]);
  }

  #read(file: PartFile): Promise<StoredRows | undefined> {
    const known = this.#files.get(file.key);
    this.#files.delete(file.key);
    const read = known ?? {
      bytes: file.bytes,
      rows: this.#unlessDamaged(() => this.#readFile(file)),
    };
    this.#files.set(file.key, read);
    read.rows.catch(() => this.#files.delete(file.key));
    let bytes = 0;
    for (const [key, kept] of [...this.#files].reverse()) {
      bytes += kept.bytes;
      if (bytes > KEPT_BYTES && key !== file.key) this.#files.delete(key);
    }
    return read.rows;
  }

  async #readFile(file: PartFile): Promise<StoredRows> {
    const { store } = this.#lendable;
    return readStoredRows(await readListedFile(store, file), `${store.root}/${file.key}`);
  }

  /**
   * Returns undefined for damage to a version that nobody has named. Of any other damage, the error
   * says that it is the lender's.
   */
  async #unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
    if (this.#lendable.isUnnamed) return unlessDamaged(read);
    try {
      return await read();
    } catch (error) {
      if (!isVectormillError(error) || !DAMAGES.has(error.code)) throw error;
      throw errorWith(error, {
        remedy: `The job takes vectors from ${this.name}: restore the file there, or embed under a new \`version\` without taking any from it.`,
      });
    }
  }
}

const DAMAGES = new Set(['OBJECT_NOT_FOUND', 'CHECKSUM_MISMATCH', 'FILE_DAMAGED']);
