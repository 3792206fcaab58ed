import { join } from 'node:path';
import { encodeContents, spansOfContents } from './content.js';
import { limitTooSmall, readNative, readTemplate } from './native.js';
import type { Tokenizer } from './tokenizer.js';

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
  return {
    specialTokens: before.length + after.length,
    vocabularySize: native.getVocabSize(true),
    isSpecial: (id) => specialIds.has(id),
    async encode(texts, maxTokens) {
      const limit = maxTokens - before.length - after.length;
      if (!Number.isInteger(maxTokens) || limit < 1) throw limitTooSmall(maxTokens, file);
      const contents = await encodeContents(native, texts, limit);
      return contents.map(({ ids, truncated }) => ({
        ids: Uint32Array.from([...before, ...ids, ...after]),
        truncated,
      }));
    },
    spans: (texts) => spansOfContents(native, texts),
  };
}
