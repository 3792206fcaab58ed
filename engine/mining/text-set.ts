import { hashOfText } from '../../core/text-hash.js';

/**
 * The number of hex digits in each half of the 64 bits by which texts are compared. With 64 bits,
 * the chance that any two of six million texts are taken for one is one in a million.
 */
const HEX_DIGITS = 8;

/** The seeds of the two halves of the 64 bits by which chunk ids are compared. */
const ID_SEEDS = [1, 2] as const;

/** The row that represents a text, after a chunk was added. */
export interface Representative {
  row: number;
  /** The row that represented the text before. Undefined for a text that is new. */
  before: number | undefined;
}

/**
 * Chooses one chunk of each text: the one whose id has the lowest hash, in whatever order chunks
 * come. It keeps 64 bits of each text's SHA-256 and of that id's hash, in some 45 bytes a text.
 */
export class TextSet {
  readonly #textHigh: Uint32Array;
  readonly #textLow: Uint32Array;
  readonly #idHigh: Uint32Array;
  readonly #idLow: Uint32Array;
  /** The row of each text plus 1, and 0 for a slot that is free. */
  readonly #rows: Uint32Array;
  readonly #mask: number;

  /** Makes a set for up to `capacity` texts. */
  constructor(capacity: number) {
    const slots = 2 ** Math.max(4, Math.ceil(Math.log2(capacity * 1.5 + 1)));
    this.#textHigh = new Uint32Array(slots);
    this.#textLow = new Uint32Array(slots);
    this.#idHigh = new Uint32Array(slots);
    this.#idLow = new Uint32Array(slots);
    this.#rows = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  /** Adds a chunk by its row, its id, and the SHA-256 of its text in hex. */
  add(row: number, chunkId: string, sha256: string): Representative {
    const high = Number.parseInt(sha256.slice(0, HEX_DIGITS), 16);
    const low = Number.parseInt(sha256.slice(HEX_DIGITS, 2 * HEX_DIGITS), 16);
    let slot = low & this.#mask;
    while (this.#rows[slot] !== 0 && (this.#textHigh[slot] !== high || this.#textLow[slot] !== low))
      slot = (slot + 1) & this.#mask;
    const before = this.#rows[slot] === 0 ? undefined : this.#rows[slot]! - 1;
    const [idHigh, idLow] = [hashOfText(chunkId, ID_SEEDS[0]), hashOfText(chunkId, ID_SEEDS[1])];
    const isLower =
      idHigh < this.#idHigh[slot]! || (idHigh === this.#idHigh[slot] && idLow < this.#idLow[slot]!);
    if (before !== undefined && !isLower) return { row: before, before };
    this.#textHigh[slot] = high;
    this.#textLow[slot] = low;
    this.#idHigh[slot] = idHigh;
    this.#idLow[slot] = idLow;
    this.#rows[slot] = row + 1;
    return { row, before };
  }
}
