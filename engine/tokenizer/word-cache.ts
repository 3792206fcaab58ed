import { setImmediate } from 'node:timers/promises';
import type { ContentEncoder, ContentTokens } from './content-tokens.js';
import { EMPTY_HASH, extendHash, RunTable, type TextRun } from './run-table.js';
import type { WordPiece } from './word-piece.js';

/**
 * The number of runs that are remembered, at about 50 bytes each. When there are more, all are
 * forgotten.
 */
const CACHED_RUNS = 1 << 17;
/** Runs with more UTF-16 units than this are seldom met again, so they are not remembered. */
const CACHED_UNITS = 40;
/**
 * Runs with more UTF-16 units than this are cut for the native code, whose memory is many times its
 * input's.
 */
const LONGEST_RUN_UNITS = 1 << 17;
/**
 * The number of UTF-16 units that are read before the event loop, on which sessions wait for their
 * next batch, may run: about 2 ms of work.
 */
const UNITS_PER_TURN = 1 << 16;

/** The facts that one call knows of runs. */
interface Call {
  limit: number;
  known: RunTable;
  /** The ids of runs that only the native code knows; undefined until it has computed them. */
  found: Map<string, ArrayLike<number> | undefined>;
}

/**
 * Makes a tokenizer faster by remembering the ids of every run between white space, because a
 * corpus repeats its words. It is only for tokenizers whose words end at white space. Runs that
 * `wordPiece` does not know go to `encodeNative`.
 */
export class WordCache {
  #known = new RunTable();
  /** Holds the ids of the text that is being scanned. */
  #ids = new Uint32Array(1 << 12);

  constructor(
    private readonly encodeNative: ContentEncoder,
    private readonly wordPiece: WordPiece,
  ) {}

  /** Returns the first `limit` tokens of each text, in order. */
  async encode(texts: readonly string[], limit: number): Promise<ContentTokens[]> {
    // This is a new table, not an emptied one, because calls that are under way still rely on the
    // runs that they have met.
    if (this.#known.size > CACHED_RUNS) this.#known = new RunTable();
    const call: Call = { limit, known: this.#known, found: new Map() };
    const contents: (ContentTokens | undefined)[] = [];
    let units = 0;
    for (const text of texts) {
      contents.push(this.#encodeOne(text, call));
      units += text.length;
      if (units < UNITS_PER_TURN) continue;
      units = 0;
      await setImmediate();
    }
    if (contents.every((content) => content !== undefined)) return contents;
    await this.#encodeMissing(call);
    return texts.map((text, index) => contents[index] ?? this.#encodeOne(text, call)!);
  }

  /**
   * Returns the tokens of one text, or undefined if `call.found` now holds runs of it that only the
   * native code knows.
   */
  #encodeOne(text: string, call: Call): ContentTokens | undefined {
    const { limit, known } = call;
    let count = 0;
    let complete = true;
    for (let start = 0; start < text.length && count <= limit; ) {
      let end = start;
      let hash = EMPTY_HASH;
      for (; end < text.length; end++) {
        const unit = text.charCodeAt(end);
        if (isWhiteSpace(unit)) break;
        hash = extendHash(hash, unit);
      }
      const run = end === start ? -1 : known.find(text, start, end, hash);
      if (run >= 0) {
        this.#makeRoom(count + known.idCount(run));
        known.copyIds(run, this.#ids, count);
        count += known.idCount(run);
      } else if (end > start) {
        const ids = this.#idsOf({ text, start, end, hash }, call);
        this.#makeRoom(count + (ids?.length ?? 0));
        if (ids) this.#ids.set(ids, count);
        else complete = false;
        count += ids?.length ?? 0;
      }
      start = end + 1;
    }
    if (!complete) return undefined;
    return { ids: this.#ids.slice(0, Math.min(count, limit)), truncated: count > limit };
  }

  /**
   * Returns the ids of a run that is not in the table, or undefined if only the native code knows
   * it.
   */
  #idsOf(run: TextRun, { known, found }: Call): ArrayLike<number> | undefined {
    const { text, start, end } = run;
    const word = text.slice(start, end);
    const ids = found.get(word) ?? this.wordPiece.idsOf(word);
    if (!ids) found.set(word, undefined);
    else if (word.length <= CACHED_UNITS) known.add(run, ids);
    return ids;
  }

  async #encodeMissing({ found }: Call): Promise<void> {
    const parts = [...found.keys()].flatMap((run) =>
      Array.from({ length: Math.ceil(run.length / LONGEST_RUN_UNITS) }, (_, part) => ({
        run,
        text: run.slice(part * LONGEST_RUN_UNITS, (part + 1) * LONGEST_RUN_UNITS),
      })),
    );
    const contents = await this.encodeNative(
      parts.map(({ text }) => text),
      Number.MAX_SAFE_INTEGER,
    );
    for (const [index, { run }] of parts.entries())
      found.set(run, [...Array.from(found.get(run) ?? []), ...contents[index]!.ids]);
  }

  #makeRoom(count: number): void {
    if (count <= this.#ids.length) return;
    const grown = new Uint32Array(Math.max(count, 2 * this.#ids.length));
    grown.set(this.#ids);
    this.#ids = grown;
  }
}

function isWhiteSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d && unit !== 0x0b && unit !== 0x0c);
}
