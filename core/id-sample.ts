import { compareIds } from './ids.js';
import { hashOfText } from './text-hash.js';

const SEED = 1;

/**
 * Draws items at random by their ids: it keeps those whose ids have the lowest hashes. The same ids
 * always give the same sample, in whatever order they come, and an id more or less changes at most
 * one item of it.
 */
export class IdSample<Item> {
  readonly #count: number;
  /** Ordered by hash. */
  readonly #kept: { hash: number; id: string; item: Item }[] = [];

  /** Keeps at most `count` items. */
  constructor(count: number) {
    this.#count = count;
  }

  /** Offers an item, which is only made if it is kept. Each id may be offered once. */
  offer(id: string, make: () => Item): void {
    const hash = hashOfText(id, SEED);
    const comesLater = (other: { hash: number; id: string }) =>
      other.hash > hash || (other.hash === hash && compareIds(other.id, id) > 0);
    if (this.#kept.length === this.#count) {
      const last = this.#kept.at(-1);
      if (!last || !comesLater(last)) return;
      this.#kept.pop();
    }
    const place = this.#kept.findIndex(comesLater);
    this.#kept.splice(place < 0 ? this.#kept.length : place, 0, { hash, id, item: make() });
  }

  /** Returns the items that are kept, in the order of their hashes, which is random. */
  items(): Item[] {
    return this.#kept.map(({ item }) => item);
  }
}
