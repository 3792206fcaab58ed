import { setImmediate } from 'node:timers/promises';
import type { Content, ContentEncoder } from './content.js';
import type { WordPiece } from './word-piece.js';

/** Runs remembered, at some 150 bytes each; when there are more, all are forgotten. */
const CACHED_RUNS = 1 << 17;
/** Longer runs are seldom met again, UTF-16 units. */
const CACHED_UNITS = 40;
/** V8 copies a shorter slice by itself (`SlicedString::kMinLength`), UTF-16 units. */
const SLICE_UNITS = 13;
/** Longer runs are cut for the native code, whose memory is many times its input's, UTF-16 units. */
const LONGEST_RUN_UNITS = 1 << 17;
/** UTF-16 units between two turns of the event loop, on which sessions wait for their next batch: some 5 ms of work. */
const UNITS_PER_TURN = 1 << 16;

type Known = Map<string, readonly number[]>;

/** What one call knows of runs. */
interface Call {
  limit: number;
  known: Known;
  /** Ids of runs that only the native code knows; undefined until it has computed them. */
  found: Map<string, readonly number[] | undefined>;
}

/**
 * A tokenizer made faster: the ids of every run between white space are remembered, because a corpus repeats its words.
 * Only for tokenizers whose words end at white space. What `wordPiece` does not know goes to `encodeNative`.
 */
export class WordCache {
  #known: Known = new Map();
  /** Of the text that is being scanned. */
  #ids = new Uint32Array(1 << 12);

  constructor(
    private readonly encodeNative: ContentEncoder,
    private readonly wordPiece: WordPiece,
  ) {}

  /** The first `limit` tokens of each text, in order. */
  async encode(texts: readonly string[], limit: number): Promise<Content[]> {
    // A new map, not an emptied one: calls that are under way still count on the runs that they have met.
    if (this.#known.size > CACHED_RUNS) this.#known = new Map();
    const call: Call = { limit, known: this.#known, found: new Map() };
    const contents: (Content | undefined)[] = [];
    let units = 0;
    for (const text of texts) {
      contents.push(this.#encodeOne(text, call));
      units += text.length;
      if (units < UNITS_PER_TURN) continue;
      units = 0;
      await setImmediate();
    }
    if (call.found.size === 0) return contents.map((content) => content!);
    await this.#encodeMissing(call);
    return texts.map((text, index) => contents[index] ?? this.#encodeOne(text, call)!);
  }

  /** Undefined where `call.found` has come to hold runs that only the native code knows. */
  #encodeOne(text: string, call: Call): Content | undefined {
    const { limit } = call;
    let count = 0;
    let complete = true;
    for (let start = 0; start < text.length && count <= limit; ) {
      let end = start;
      while (end < text.length && !isWhiteSpace(text.charCodeAt(end))) end += 1;
      const pieces = end === start ? [] : this.#idsOf(text.slice(start, end), call);
      if (!pieces) complete = false;
      else if (complete) {
        if (count + pieces.length > this.#ids.length) this.#grow(count + pieces.length);
        for (let i = 0; i < pieces.length; i++) this.#ids[count++] = pieces[i]!;
      }
      start = end + 1;
    }
    if (!complete) return undefined;
    return { ids: this.#ids.slice(0, Math.min(count, limit)), truncated: count > limit };
  }

  #idsOf(run: string, { known, found }: Call): readonly number[] | undefined {
    const met = known.get(run) ?? found.get(run);
    if (met) return met;
    const ids = this.wordPiece.idsOf(run);
    if (ids) remember(known, run, ids);
    else found.set(run, undefined);
    return ids;
  }

  async #encodeMissing({ known, found }: Call): Promise<void> {
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
      found.set(run, [...(found.get(run) ?? []), ...contents[index]!.ids]);
    for (const [run, ids] of found) remember(known, run, ids!);
  }

  #grow(atLeast: number): void {
    const grown = new Uint32Array(Math.max(atLeast, 2 * this.#ids.length));
    grown.set(this.#ids);
    this.#ids = grown;
  }
}

function remember(known: Known, run: string, ids: readonly number[]): void {
  if (run.length <= CACHED_UNITS) known.set(run.length < SLICE_UNITS ? run : copyOf(run), ids);
}

/** A slice keeps the whole text that it was cut from in memory; a copy does not. */
function copyOf(run: string): string {
  return Buffer.from(run, 'utf16le').toString('utf16le');
}

function isWhiteSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d && unit !== 0x0b && unit !== 0x0c);
}
