import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer as NativeTokenizer } from 'tokenizers';
import { VectormillError } from '../../core/errors.js';
import { pieceStarts, prefixEnd } from './pieces.js';
import type { Encoding, Tokenizer, TokenSpans } from './tokenizer.js';

type NativeEncoding = Awaited<ReturnType<NativeTokenizer['encodeBatch']>>[number];

/**
 * UTF-16 units handed to the native code at once. Its encodings are freed only when V8 collects their small handles,
 * so this bounds what piles up in between; 32 pieces are enough to keep the cores busy.
 */
const UNITS_PER_CALL = 1 << 18;

/** Characters first tried for each token of the limit: three times what English prose needs. */
const UNITS_PER_TOKEN = 16;

/**
 * The tokenizer of a model folder: `<folder>/tokenizer.json`, run by Hugging Face's native `tokenizers`. Truncation and
 * padding stored in the file are switched off; special tokens and strings such as `[SEP]` inside a text are handled as
 * the file says. Work runs on native threads (as many as cores, one with `TOKENIZERS_PARALLELISM=false`), off the
 * JavaScript thread. Errors: MODEL_INVALID (absent or damaged file), MODEL_UNSUPPORTED (truncation from the left).
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const file = join(folder, 'tokenizer.json');
  const native = await readNative(file);
  const { before, after } = await readTemplate(native);
  const encodeAll = (texts: readonly string[]) =>
    native.encodeBatch([...texts], { addSpecialTokens: false });

  return {
    specialTokens: before.length + after.length,
    vocabularySize: native.getVocabSize(true),
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
            const whole = end === text.length;
            if (!whole && settledTokens(result) < limit) {
              undecided.push({ index, end: prefixEnd(text, end * 4) });
              continue;
            }
            const ids = result.getIds();
            const truncated = !whole || ids.length > limit;
            if (ids.length > limit) ids.length = limit;
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
      const found = texts.map((): SpanPiece[] => []);
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

async function readNative(file: string): Promise<NativeTokenizer> {
  let stored: string;
  try {
    stored = await readFile(file, 'utf8');
  } catch (cause) {
    throw new VectormillError('MODEL_INVALID', `the model's tokenizer cannot be read: ${file}`, {
      component: 'tokenizer',
      remedy: 'give a sentence-transformers folder that holds tokenizer.json',
      file,
      cause,
    });
  }
  let native: NativeTokenizer;
  let direction: string | undefined;
  try {
    direction = (JSON.parse(stored) as { truncation?: { direction?: string } | null }).truncation?.direction;
    native = NativeTokenizer.fromString(stored);
  } catch (cause) {
    throw new VectormillError('MODEL_INVALID', `the model's tokenizer is damaged: ${file}`, {
      component: 'tokenizer',
      remedy: 'fetch the model again; tokenizer.json must be what Hugging Face tokenizers writes',
      file,
      cause,
    });
  }
  if (direction === 'Left') {
    throw new VectormillError('MODEL_UNSUPPORTED', `the tokenizer truncates from the left: ${file}`, {
      component: 'tokenizer',
      remedy: 'use a model that truncates from the right',
      file,
    });
  }
  native.disableTruncation();
  native.disablePadding();
  return native;
}

/** The ids that the post-processor puts around one text. */
async function readTemplate(native: NativeTokenizer): Promise<{ before: number[]; after: number[] }> {
  const probe = await native.encode('a', null, { addSpecialTokens: true });
  const ids = probe.getIds();
  const mask = probe.getSpecialTokensMask();
  const first = mask.indexOf(0);
  const last = mask.lastIndexOf(0);
  return { before: ids.slice(0, first), after: ids.slice(last + 1) };
}

/**
 * Tokens of a cut text that do not depend on what follows the cut: all but those of its last word, because
 * normalisers and pre-tokenisers look no further than the neighbouring word.
 */
function settledTokens(encoding: NativeEncoding): number {
  const words = encoding.getWordIds();
  return Math.max(0, words.indexOf(words.at(-1)));
}

interface SpanPiece {
  starts: Uint32Array;
  ends: Uint32Array;
}

/** The native code counts code points of the piece; the result counts UTF-16 units of the text. */
function spansOfPiece(piece: string, base: number, offsets: readonly [number, number][]): SpanPiece {
  const units = /[\ud800-\udbff]/.test(piece) ? unitsOfCodePoints(piece) : undefined;
  const starts = new Uint32Array(offsets.length);
  const ends = new Uint32Array(offsets.length);
  for (let i = 0; i < offsets.length; i++) {
    const [start, end] = offsets[i]!;
    starts[i] = base + (units ? units[start]! : start);
    ends[i] = base + (units ? units[end]! : end);
  }
  return { starts, ends };
}

/** `result[n]`: where code point n begins, in UTF-16 units; one more entry for the end. */
function unitsOfCodePoints(text: string): Uint32Array {
  const units = new Uint32Array(text.length + 1);
  let count = 0;
  for (let unit = 0; unit < text.length; unit += text.codePointAt(unit)! > 0xffff ? 2 : 1)
    units[count++] = unit;
  units[count] = text.length;
  return units;
}

function joinSpans(pieces: readonly SpanPiece[]): TokenSpans {
  if (pieces.length === 1) return pieces[0]!;
  const total = pieces.reduce((sum, piece) => sum + piece.starts.length, 0);
  const starts = new Uint32Array(total);
  const ends = new Uint32Array(total);
  let at = 0;
  for (const piece of pieces) {
    starts.set(piece.starts, at);
    ends.set(piece.ends, at);
    at += piece.starts.length;
  }
  return { starts, ends };
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
