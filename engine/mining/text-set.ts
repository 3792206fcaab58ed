/**
 * The number of hex digits in each half of the 64 bits by which texts are compared. With 64 bits,
 * the chance that any two of six million texts are taken for one is one in a million.
 */
const HEX_DIGITS = 8;

/** A set of SHA-256 hashes that keeps 64 bits of each, in some 16 bytes a text. */
export class TextSet {
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #mask: number;
  #hasZero = false;

  /** Makes a set for up to `capacity` hashes. */
  constructor(capacity: number) {
    const slots = 2 ** Math.max(4, Math.ceil(Math.log2(capacity * 1.5 + 1)));
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  /** Adds a hash in hex. Returns false where it was in the set already. */
  add(sha256: string): boolean {
    const high = Number.parseInt(sha256.slice(0, HEX_DIGITS), 16);
    const low = Number.parseInt(sha256.slice(HEX_DIGITS, 2 * HEX_DIGITS), 16);
    if (high === 0 && low === 0) {
      const isNew = !this.#hasZero;
      this.#hasZero = true;
      return isNew;
    }
    for (let slot = low & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (this.#high[slot] === high && this.#low[slot] === low) return false;
      if (this.#high[slot] !== 0 || this.#low[slot] !== 0) continue;
      this.#high[slot] = high;
      this.#low[slot] = low;
      return true;
    }
  }
}
