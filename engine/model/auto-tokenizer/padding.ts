import type { Configuration } from '../folder/configuration.js';
import { modelUnsupported } from '../model-errors.js';
import type { AutoTokenizer } from './auto-tokenizer.js';

/** Architectures that number a row's places from its first token, padding or not. */
const COUNT_PADDING = new Set(['bert', 'distilbert']);
/** Architectures that leave out the tokens whose number is `pad_token_id` of config.json. */
const COUNT_TOKENS = new Set(['roberta', 'xlm-roberta', 'camembert', 'mpnet']);

/**
 * Refuses padding on the left where a token's place, and so a row's vector, would depend on the rows beside it: rows are computed
 * here as they are alone. Errors: MODEL_UNSUPPORTED.
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
