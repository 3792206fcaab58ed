/**
 * Turns UTF-16 offsets of one text into code point offsets. Calls must not go backwards, so that a
 * whole sequence of them costs one pass over the text. A text without surrogate pairs costs
 * nothing.
 */
export class CodePointCounter {
  readonly #text: string;
  readonly #allSingle: boolean;
  #unit = 0;
  #codePoints = 0;

  constructor(text: string) {
    this.#text = text;
    this.#allSingle = !/[\ud800-\udbff]/.test(text);
  }

  /**
   * Returns the number of code points before UTF-16 offset `unit`, which must not lie inside a
   * surrogate pair.
   */
  at(unit: number): number {
    if (this.#allSingle) return unit;
    if (unit < this.#unit) throw new RangeError(`offset ${unit} after offset ${this.#unit}`);
    while (this.#unit < unit) {
      this.#unit += this.#text.codePointAt(this.#unit)! > 0xffff ? 2 : 1;
      this.#codePoints++;
    }
    return this.#codePoints;
  }
}
