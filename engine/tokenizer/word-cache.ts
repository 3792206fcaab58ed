import type { Encoding, Tokenizer, TokenSpans } from './tokenizer.js';
import type { WordPiece } from './word-piece.js';

/** Runs remembered, at some 150 bytes each; when there are more, all are forgotten. */
const CACHED_RUNS = 1 << 17;
/** Longer runs are seldom met again, UTF-16 units. */
const CACHED_UNITS = 40;
/** Longer runs are cut for the native code, whose memory is many times its input's, UTF-16 units. */
const LONGEST_RUN_UNITS = 1 << 17;

/** Ids of runs by the call's own memory; undefined until the native code has computed them. */
type Found = Map<string, readonly number[] | undefined>;

/**
 * A tokenizer made faster: the ids of every run between white space are remembered, because a corpus repeats its words.
 * Only for tokenizers whose words end at white space and that add no special tokens. What `wordPiece` does not know goes to
 * `tokenizer`.
 */
export class WordCache implements Tokenizer {
  readonly specialTokens = 0;
  readonly vocabularySize: number;
  readonly #cache = new Map<string, readonly number[]>();
  /** Of the text that is being scanned. */
  #ids = new Uint32Array(1 << 12);

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly wordPiece: WordPiece,
  ) {
    this.vocabularySize = tokenizer.vocabularySize;
  }

  isSpecial(id: number): boolean {
    return this.tokenizer.isSpecial(id);
  }

  spans(texts: readonly string[]): Promise<TokenSpans[]> {
    return this.tokenizer.spans(texts);
  }

  async encode(texts: readonly string[], maxTokens: number): Promise<Encoding[]> {
    if (this.#cache.size > CACHED_RUNS) this.#cache.clear();
    const found: Found = new Map();
    const encodings = texts.map((text) => this.#encodeOne(text, maxTokens, found));
    if (found.size === 0) return encodings.map((encoding) => encoding!);
    await this.#encodeMissing(found);
    return texts.map((text, index) => encodings[index] ?? this.#encodeOne(text, maxTokens, found)!);
  }

  /** Undefined where `found` has come to hold runs that only the native code knows. */
  #encodeOne(text: string, maxTokens: number, found: Found): Encoding | undefined {
    let count = 0;
    let complete = true;
    for (let start = 0; start < text.length && count <= maxTokens; ) {
      let end = start;
      while (end < text.length && !isWhiteSpace(text.charCodeAt(end))) end += 1;
      const pieces = end === start ? [] : this.#idsOf(text.slice(start, end), found);
      if (!pieces) complete = false;
      else if (complete) {
        if (count + pieces.length > this.#ids.length) this.#grow(count + pieces.length);
        for (let i = 0; i < pieces.length; i++) this.#ids[count++] = pieces[i]!;
      }
      start = end + 1;
    }
    if (!complete) return undefined;
    return { ids: this.#ids.slice(0, Math.min(count, maxTokens)), truncated: count > maxTokens };
  }

  #idsOf(run: string, found: Found): readonly number[] | undefined {
    const known = this.#cache.get(run) ?? found.get(run);
    if (known) return known;
    const ids = this.wordPiece.idsOf(run);
    if (ids) this.#remember(run, ids);
    else found.set(run, undefined);
    return ids;
  }

  #remember(run: string, ids: readonly number[]): void {
    // A slice keeps the whole text that it was cut from in memory; a copy does not.
    if (run.length <= CACHED_UNITS) this.#cache.set(Buffer.from(run, 'utf16le').toString('utf16le'), ids);
  }

  async #encodeMissing(found: Found): Promise<void> {
    const parts = [...found.keys()].flatMap((run) =>
      Array.from({ length: Math.ceil(run.length / LONGEST_RUN_UNITS) }, (_, part) => ({
        run,
        text: run.slice(part * LONGEST_RUN_UNITS, (part + 1) * LONGEST_RUN_UNITS),
      })),
    );
    const encodings = await this.tokenizer.encode(
      parts.map(({ text }) => text),
      Number.MAX_SAFE_INTEGER,
    );
    for (const [index, { run }] of parts.entries())
      found.set(run, [...(found.get(run) ?? []), ...encodings[index]!.ids]);
    for (const [run, ids] of found) this.#remember(run, ids!);
  }

  #grow(atLeast: number): void {
    const grown = new Uint32Array(Math.max(atLeast, 2 * this.#ids.length));
    grown.set(this.#ids);
    this.#ids = grown;
  }
}

function isWhiteSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d && unit !== 0x0b && unit !== 0x0c);
}
