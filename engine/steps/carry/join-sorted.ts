/** The entries of one key from both series. */
export interface JoinedEntries<Left, Right> {
  left: Left[];
  right: Right[];
}

/** Joins two series that are ordered by keys, and yields the entries of each key. */
export async function* joinSorted<Left, Right>(
  left: AsyncIterable<Left>,
  right: AsyncIterable<Right>,
  keyOf: (entry: Left | Right) => string,
): AsyncGenerator<JoinedEntries<Left, Right>> {
  const lefts = new Peekable(left, keyOf);
  const rights = new Peekable(right, keyOf);
  for (;;) {
    const [a, b] = [await lefts.peek(), await rights.peek()];
    if (a === undefined && b === undefined) return;
    const key = b === undefined || (a !== undefined && a <= b) ? a! : b;
    yield { left: await lefts.take(key), right: await rights.take(key) };
  }
}

/** A series of which the key of the next entry can be seen before the entry is taken. */
class Peekable<Entry> {
  readonly #entries: AsyncIterator<Entry>;
  readonly #keyOf: (entry: Entry) => string;
  #next: { entry: Entry; key: string } | undefined;
  #isRead = false;

  constructor(entries: AsyncIterable<Entry>, keyOf: (entry: Entry) => string) {
    this.#entries = entries[Symbol.asyncIterator]();
    this.#keyOf = keyOf;
  }

  /** Returns the key of the next entry; undefined at the end. */
  async peek(): Promise<string | undefined> {
    if (!this.#isRead) {
      const { value, done } = await this.#entries.next();
      this.#next = done ? undefined : { entry: value, key: this.#keyOf(value) };
      this.#isRead = true;
    }
    return this.#next?.key;
  }

  /** Takes the entries of one key. */
  async take(key: string): Promise<Entry[]> {
    const taken: Entry[] = [];
    while ((await this.peek()) === key) {
      taken.push(this.#next!.entry);
      this.#isRead = false;
    }
    return taken;
  }
}
