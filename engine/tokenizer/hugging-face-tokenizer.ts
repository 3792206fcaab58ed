import { join } from 'node:path';
import { type ContentEncoder, encodeContents, spansOfContents } from './content-tokens.js';
import { limitTooSmall, type NativeFile, readNative, readTemplate, type TokenizerSource } from './native.js';
import type { Tokenizer } from './tokenizer.js';
import { WordCache } from './word-cache.js';
import { readWordPiece } from './word-piece.js';

export interface TokenizerOptions {
  /**
   * Whether texts get the special tokens of the file's template, as transformers need them. By
   * default they do.
   */
  specialTokens?: boolean;
}

/**
 * Loads the tokenizer of a folder, `<folder>/tokenizer.json`, or one that has already been read,
 * and runs it with Hugging Face's native `tokenizers`. Truncation and padding stored in the file
 * are switched off; special tokens and strings such as `[SEP]` inside a text are handled as the
 * file says. Native work runs on as many threads as there are cores (one with
 * `TOKENIZERS_PARALLELISM=false`). For a BERT tokenizer, the calling thread remembers words instead
 * and lets other work run every few milliseconds.
 * Errors: MODEL_INVALID (absent or damaged file), MODEL_UNSUPPORTED (truncation from the left, no
 * token for the letter a).
 */
export async function loadTokenizer(
  place: string | TokenizerSource,
  options: TokenizerOptions = {},
): Promise<Tokenizer> {
  const read = await readNative(typeof place === 'string' ? join(place, 'tokenizer.json') : place);
  const { file } = read;
  const { native, specialIds } = read;
  const encodeContent = contentEncoder(read);
  const { before, after } =
    options.specialTokens === false ? { before: [], after: [] } : await readTemplate(native, file);
  return {
    specialTokens: before.length + after.length,
    vocabularySize: native.getVocabSize(true),
    isSpecial: (id) => specialIds.has(id),
    async encode(texts, maxTokens) {
      const limit = maxTokens - before.length - after.length;
      if (!Number.isInteger(maxTokens) || limit < 1) throw limitTooSmall(maxTokens, file);
      const contents = await encodeContent(texts, limit);
      return contents.map(({ ids: content, truncated }) => {
        const ids = new Uint32Array(before.length + content.length + after.length);
        ids.set(before);
        ids.set(content, before.length);
        ids.set(after, before.length + content.length);
        return { ids, truncated };
      });
    },
    spans: (texts) => spansOfContents(native, texts),
  };
}

function contentEncoder({ native, stored }: NativeFile): ContentEncoder {
  const encodeNative: ContentEncoder = (texts, limit) => encodeContents(native, texts, limit);
  const wordPiece = readWordPiece(stored);
  if (!wordPiece) return encodeNative;
  const words = new WordCache(encodeNative, wordPiece);
  return (texts, limit) => words.encode(texts, limit);
}
