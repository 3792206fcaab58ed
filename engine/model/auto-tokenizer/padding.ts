import type { Configuration } from '../folder/configuration.js';
import { modelUnsupported } from '../model-errors.js';
import type { AutoTokenizer } from './auto-tokenizer.js';

/**
 * Architectures that count the positions of a row from its first token, even where that is padding.
 */
const COUNT_PADDING = new Set(['bert', 'distilbert']);
/** Architectures that do not count the tokens whose id is `pad_token_id` of config.json. */
const COUNT_TOKENS = new Set(['roberta', 'xlm-roberta', 'camembert', 'mpnet']);

/**
 * Refuses padding on the left where it would move a token's position. A row's vector would then
 * depend on the other rows of its batch, but here a row gets the vector that it has alone. Errors:
 * MODEL_UNSUPPORTED.
 */
export function assertPadding(
  { configuration, paddingSide, padId }: AutoTokenizer,
  { values }: Configuration,
): void {
  if (paddingSide !== 'left') return;
  const architecture = String(values.model_type);
  const isMoved =
    COUNT_PADDING.has(architecture) ||
    (COUNT_TOKENS.has(architecture) && padId !== (values.pad_token_id ?? 1));
  if (isMoved)
    throw modelUnsupported(
      configuration.file,
      `the padding_side "left" with the positions of ${architecture} is not supported`,
    );
}
