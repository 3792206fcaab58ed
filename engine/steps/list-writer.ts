import type { ListName } from '../../core/layout.js';
import type { ListPiece } from '../../core/manifest.js';
import { sha256 } from '../files/hash.js';
import type { Footer } from '../parquet/footer.js';
import type { OpenVersion } from '../version/open-version.js';
import { writeOrAdopt } from '../version/write-or-adopt.js';

/**
 * The number of entries in a piece of a list. Larger pieces leave more memory unused when they are
 * read (`npm run bench:lists`).
 */
const PIECE_ROWS = 32_768;

/** Writes the pieces of one list. */
export class ListWriter<Entry> {
  readonly #version: OpenVersion;
  readonly #name: ListName;
  readonly #encode: (entries: readonly Entry[], footer: Footer) => Uint8Array;
  readonly #pieces: ListPiece[] = [];
  #entries: Entry[] = [];

  constructor(
    version: OpenVersion,
    name: ListName,
    encode: (entries: readonly Entry[], footer: Footer) => Uint8Array,
  ) {
    this.#version = version;
    this.#name = name;
    this.#encode = encode;
  }

  async add(entry: Entry): Promise<void> {
    this.#entries.push(entry);
    if (this.#entries.length === PIECE_ROWS) await this.#write();
  }

  async finish(): Promise<readonly ListPiece[]> {
    if (this.#entries.length > 0) await this.#write();
    return this.#pieces;
  }

  async #write(): Promise<void> {
    const { store, layout, job } = this.#version;
    const { dataset, version } = job.spec;
    const key = layout.list(this.#name, this.#pieces.length);
    const rows = this.#entries.length;
    const bytes = this.#encode(this.#entries, { dataset, version });
    this.#entries = [];
    // Whoever writes the lists of a version writes the same, because they follow from its commits.
    const piece = await writeOrAdopt(store, key, bytes, {
      describe: (existing) => ({ key, sha256: sha256(existing), bytes: existing.length, rows }),
    });
    this.#pieces.push(piece);
  }
}
