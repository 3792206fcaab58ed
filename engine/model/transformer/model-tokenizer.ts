import { loadTokenizer } from '../../tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { modelInvalid } from '../model-errors.js';
import type { SentenceFolder } from './model-folder.js';

/**
 * Returns the tokenizer of a model. All token ids are below `vocabularySize`, where that is known.
 * Errors: MODEL_INVALID where it has tokens that the weights lack, and those of `loadTokenizer`.
 */
export async function openTokenizer(
  { tokenizer: source }: Pick<SentenceFolder, 'tokenizer'>,
  vocabularySize: number | undefined,
): Promise<Tokenizer> {
  const tokenizer = await loadTokenizer(source);
  if (vocabularySize !== undefined && tokenizer.vocabularySize > vocabularySize)
    throw modelInvalid(
      source.file,
      `the tokenizer has ${tokenizer.vocabularySize} tokens, the weights only ${vocabularySize}`,
    );
  return tokenizer;
}
