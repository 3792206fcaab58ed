import type { Tokenizer as NativeTokenizer } from 'tokenizers';
import { cannotEncode } from './native.js';
import { pieceStarts, prefixEnd } from './pieces.js';
import { joinSpans, spansOfPiece } from './token-spans.js';
import type { TokenSpans } from './tokenizer.js';

type NativeEncoding = Awaited<ReturnType<NativeTokenizer['encodeBatch']>>[number];

/** The tokens of one text without special ones, cut at a limit. */
export interface ContentTokens {
  ids: readonly number[] | Uint32Array;
  /** Whether the text had more tokens than the limit. */
  truncated: boolean;
}

/** Returns the first `limit` tokens of each text, in order. */
export type ContentEncoder = (texts: readonly string[], limit: number) => Promise<ContentTokens[]>;

/**
 * The number of UTF-16 units that are handed to the native code at once. Its encodings are freed
 * only when V8 collects their small handles, so this bounds what accumulates in between. 32 pieces
 * are enough to keep the cores busy.
 */
const UNITS_PER_CALL = 1 << 18;

/**
 * The number of characters that are first tried for each token of the limit: three times what
 * English prose needs.
 */
const UNITS_PER_TOKEN = 16;

/**
 * Returns the first `limit` tokens of each text, in order. It reads only as much of a long text as
 * it needs to find them.
 */
export async function encodeContents(
  native: NativeTokenizer,
  texts: readonly string[],
  limit: number,
): Promise<ContentTokens[]> {
  const contents = new Array<ContentTokens>(texts.length);
  let pending = texts.map((text, index) => ({ index, end: prefixEnd(text, limit * UNITS_PER_TOKEN) }));
  while (pending.length > 0) {
    const undecided: typeof pending = [];
    for (const call of groupByUnits(pending, (item) => item.end)) {
      const results = await encodeAll(
        native,
        call.map(({ index, end }) => texts[index]!.slice(0, end)),
      );
      for (const [i, { index, end }] of call.entries()) {
        const text = texts[index]!;
        const result = results[i]!;
        if (end < text.length && settledTokens(result) < limit) {
          undecided.push({ index, end: prefixEnd(text, end * 4) });
          continue;
        }
        const ids = result.getIds();
        const truncated = ids.length > limit;
        if (truncated) ids.length = limit;
        contents[index] = { ids, truncated };
      }
    }
    pending = undecided;
  }
  return contents;
}

/** Returns where the tokens of each whole text lie, in order. */
export async function spansOfContents(
  native: NativeTokenizer,
  texts: readonly string[],
): Promise<TokenSpans[]> {
  const pieces = texts.flatMap((text, index) =>
    pieceStarts(text).map((start, i, all) => ({ index, start, end: all[i + 1] ?? text.length })),
  );
  const found = texts.map((): TokenSpans[] => []);
  for (const call of groupByUnits(pieces, ({ start, end }) => end - start)) {
    const results = await encodeAll(
      native,
      call.map(({ index, start, end }) => texts[index]!.slice(start, end)),
    );
    for (const [i, { index, start, end }] of call.entries()) {
      const offsets = results[i]!.getOffsets() as [number, number][];
      found[index]!.push(spansOfPiece(texts[index]!.slice(start, end), start, offsets));
    }
  }
  return found.map(joinSpans);
}

function encodeAll(native: NativeTokenizer, texts: string[]): Promise<NativeEncoding[]> {
  return native.encodeBatch(texts, { addSpecialTokens: false }).catch(cannotEncode());
}

/**
 * Counts the tokens of a cut text that do not depend on what follows the cut. These are all but
 * those of its last word, because normalisers and pre-tokenisers look no further than the
 * neighbouring word.
 */
function settledTokens(encoding: NativeEncoding): number {
  const words = encoding.getWordIds();
  return Math.max(0, words.indexOf(words.at(-1)));
}

/**
 * Groups the items, in order, into runs of about `UNITS_PER_CALL` units with at least one item
 * each.
 */
function* groupByUnits<T>(items: readonly T[], unitsOf: (item: T) => number): Generator<T[]> {
  let group: T[] = [];
  let units = 0;
  for (const item of items) {
    if (group.length > 0 && units + unitsOf(item) > UNITS_PER_CALL) {
      yield group;
      group = [];
      units = 0;
    }
    group.push(item);
    units += unitsOf(item);
  }
  if (group.length > 0) yield group;
}
