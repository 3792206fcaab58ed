import { join } from 'node:path';
import type { Tokenizer as NativeTokenizer } from 'tokenizers';
import { VectormillError } from '../../core/errors.js';
import { readNative, readTemplate } from './native.js';
import { pieceStarts, prefixEnd } from './pieces.js';
import { joinSpans, spansOfPiece } from './token-spans.js';
import type { Encoding, Tokenizer, TokenSpans } from './tokenizer.js';

type NativeEncoding = Awaited<ReturnType<NativeTokenizer['encodeBatch']>>[number];

/**
 * UTF-16 units handed to the native code at once. Its encodings are freed only when V8 collects their small handles,
 * so this bounds what piles up in between; 32 pieces are enough to keep the cores busy.
 */
const UNITS_PER_CALL = 1 << 18;

/** Characters first tried for each token of the limit: three times what English prose needs. */
const UNITS_PER_TOKEN = 16;

export interface TokenizerOptions {
  /** Whether texts get the special tokens of the file's template, as transformers need them; by default they do. */
  specialTokens?: boolean;
}

/**
 * The tokenizer of a model folder: `<folder>/tokenizer.json`, run by Hugging Face's native `tokenizers`. Truncation and
 * padding stored in the file are switched off; special tokens and strings such as `[SEP]` inside a text are handled as
 * the file says. Work runs on native threads (as many as cores, one with `TOKENIZERS_PARALLELISM=false`), off the
 * JavaScript thread. Errors: MODEL_INVALID (absent or damaged file), MODEL_UNSUPPORTED (truncation from the left).
 */
export async function loadTokenizer(folder: string, options: TokenizerOptions = {}): Promise<Tokenizer> {
  const file = join(folder, 'tokenizer.json');
  const { native, specialIds } = await readNative(file);
  const { before, after } =
    options.specialTokens === false ? { before: [], after: [] } : await readTemplate(native);
  const encodeAll = (texts: readonly string[]) => native.encodeBatch([...texts], { addSpecialTokens: false });

  return {
    specialTokens: before.length + after.length,
    vocabularySize: native.getVocabSize(true),
    isSpecial: (id) => specialIds.has(id),
    async encode(texts, maxTokens) {
      const limit = maxTokens - before.length - after.length;
      if (!Number.isInteger(maxTokens) || limit < 1) throw limitTooSmall(maxTokens, file);
      const encodings = new Array<Encoding>(texts.length);
      let pending = texts.map((text, index) => ({ index, end: prefixEnd(text, limit * UNITS_PER_TOKEN) }));
      while (pending.length > 0) {
        const undecided: typeof pending = [];
        for (const call of groupByUnits(pending, (item) => item.end)) {
          const results = await encodeAll(call.map(({ index, end }) => texts[index]!.slice(0, end)));
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
            encodings[index] = { ids: Uint32Array.from([...before, ...ids, ...after]), truncated };
          }
        }
        pending = undecided;
      }
      return encodings;
    },
    async spans(texts) {
      const pieces = texts.flatMap((text, index) =>
        pieceStarts(text).map((start, i, all) => ({ index, start, end: all[i + 1] ?? text.length })),
      );
      const found = texts.map((): TokenSpans[] => []);
      for (const call of groupByUnits(pieces, ({ start, end }) => end - start)) {
        const results = await encodeAll(call.map(({ index, start, end }) => texts[index]!.slice(start, end)));
        for (const [i, { index, start, end }] of call.entries()) {
          const offsets = results[i]!.getOffsets() as [number, number][];
          found[index]!.push(spansOfPiece(texts[index]!.slice(start, end), start, offsets));
        }
      }
      return found.map(joinSpans);
    },
  };
}

/**
 * Tokens of a cut text that do not depend on what follows the cut: all but those of its last word, because
 * normalisers and pre-tokenisers look no further than the neighbouring word.
 */
function settledTokens(encoding: NativeEncoding): number {
  const words = encoding.getWordIds();
  return Math.max(0, words.indexOf(words.at(-1)));
}

/** Runs of items, in order, of about `UNITS_PER_CALL` in all; at least one item each. */
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

function limitTooSmall(maxTokens: number, file: string): VectormillError {
  return new VectormillError('USAGE', `a limit of ${maxTokens} tokens leaves no room for text`, {
    component: 'tokenizer',
    remedy: 'raise the token limit above the number of special tokens',
    file,
  });
}
