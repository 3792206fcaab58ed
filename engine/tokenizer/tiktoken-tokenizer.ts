import { setImmediate } from 'node:timers/promises';
import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import { joinPairs } from './byte-pairs.js';
import { pieceStarts } from './pieces.js';
import { type EncodingTable, readEncoding, type TiktokenEncoding } from './tiktoken-encoding.js';
import type { Encoding, Tokenizer, TokenSpans } from './tokenizer.js';

/** After this many UTF-16 units, other work of this thread may run. */
const UNITS_PER_TURN = 1 << 16;

/**
 * Loads OpenAI's byte-level BPE with the ranks of `js-tiktoken`. That library's own merging takes
 * the square of a word's length, which would be hours for a word of 100,000 letters. No special
 * token is added, and a text that spells one, such as `<|endoftext|>`, is like any other text. Half
 * a surrogate pair counts as U+FFFD, because it is sent as that. The work runs on the JavaScript
 * thread and lets other work run in between.
 */
export async function loadTiktoken(name: TiktokenEncoding): Promise<Tokenizer> {
  const table = await readEncoding(name);
  return {
    specialTokens: 0,
    vocabularySize: table.vocabularySize,
    isSpecial: () => false,
    encode: async (texts, maxTokens) => {
      if (!Number.isInteger(maxTokens) || maxTokens < 1) throw limitTooSmall(maxTokens);
      const encodings = texts.map((): { ids: number[]; truncated: boolean } => ({
        ids: [],
        truncated: false,
      }));
      await inTurns(texts, table, (word, row) => {
        const encoding = encodings[row]!;
        encoding.truncated = encoding.ids.length + word.starts.length - 1 > maxTokens;
        pushIds(encoding.ids, word, maxTokens, table);
        return !encoding.truncated;
      });
      return encodings.map(({ ids, truncated }): Encoding => ({ ids: Uint32Array.from(ids), truncated }));
    },
    spans: async (texts) => {
      const spans = texts.map(() => ({ starts: [] as number[], ends: [] as number[] }));
      await inTurns(texts, table, (word, row) => {
        pushSpans(spans[row]!, word);
        return true;
      });
      return spans.map(
        ({ starts, ends }): TokenSpans => ({
          starts: Uint32Array.from(starts),
          ends: Uint32Array.from(ends),
        }),
      );
    },
  };
}

/** Passes on each text's words in order, as long as `take` says that it wants more of the text. */
async function inTurns(
  texts: readonly string[],
  table: EncodingTable,
  take: (word: Word, row: number) => boolean,
): Promise<void> {
  let units = 0;
  for (const [row, text] of texts.entries()) {
    for (const word of wordsOf(text, table)) {
      if (!take(word, row)) break;
      units += word.text.length;
      if (units < UNITS_PER_TURN) continue;
      units = 0;
      await setImmediate();
    }
  }
}

function pushIds(ids: number[], { bytes, starts }: Word, maxTokens: number, { ranks }: EncodingTable): void {
  for (let i = 0; i + 1 < starts.length && ids.length < maxTokens; i += 1)
    ids.push(ranks.get(bytes.slice(starts[i], starts[i + 1]))!);
}

/**
 * The span of a token that holds a part of a code point covers the whole code point, as with
 * Hugging Face's byte-level BPE.
 */
function pushSpans(spans: { starts: number[]; ends: number[] }, word: Word): void {
  const units = unitsOfBytes(word.text);
  for (let i = 0; i + 1 < word.starts.length; i += 1) {
    spans.starts.push(word.at + units.starts[word.starts[i]!]!);
    spans.ends.push(word.at + units.ends[word.starts[i + 1]! - 1]!);
  }
}

interface Word {
  /** The position at which the word begins in the text, in UTF-16 units. */
  at: number;
  text: string;
  /** The word's UTF-8, with one character for each byte. */
  bytes: string;
  /** The position at which each token begins in `bytes`, and one more entry for the end. */
  starts: readonly number[];
}

function* wordsOf(text: string, { pattern, ranks }: EncodingTable): Generator<Word> {
  const cuts = pieceStarts(text);
  for (const [index, from] of cuts.entries()) {
    for (const match of text.slice(from, cuts[index + 1]).matchAll(pattern)) {
      const [word] = match;
      const bytes = Buffer.from(word, 'utf8').toString('latin1');
      const starts = ranks.has(bytes) ? [0, bytes.length] : joinPairs(bytes, ranks);
      yield { at: from + match.index, text: word, bytes, starts };
    }
  }
}

/** Returns for each byte of a text's UTF-8 where its code point begins and ends in UTF-16 units. */
function unitsOfBytes(text: string): { starts: number[]; ends: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let unit = 0; unit < text.length; ) {
    const codePoint = text.codePointAt(unit)!;
    const end = unit + (codePoint > 0xffff ? 2 : 1);
    const bytes = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    for (let byte = 0; byte < bytes; byte += 1) {
      starts.push(unit);
      ends.push(end);
    }
    unit = end;
  }
  return { starts, ends };
}

function limitTooSmall(maxTokens: number): VectormillError {
  return new VectormillError('USAGE', `a limit of ${counted(maxTokens, 'token')} leaves no room for text`, {
    component: 'tokenizer',
    remedy: 'Give a whole number of tokens, at least 1.',
  });
}
