import { PRECISIONS } from '../core/model-signature.js';
import type { SignatureOptions } from '../engine/model/signature.js';
import type { OptionDefinition } from './define-command.js';
import { oneOf, wholeNumber } from './option-values.js';

/** What a command may ask of a model; each is part of its fingerprint. */
export const MODEL_OPTIONS: readonly OptionDefinition[] = [
  {
    flags: '--max-tokens <n>',
    description: "tokens a text may have, the rest is cut off (default: the model's own limit)",
    parse: wholeNumber(1, 1_000_000),
  },
  {
    flags: '--dimensions <n>',
    description: 'numbers to keep of each vector, as Matryoshka models allow (default: all)',
    parse: wholeNumber(1, 1_000_000),
  },
  {
    flags: '--precision <name>',
    description: `what the model computes with: ${PRECISIONS.join(' or ')} (default: float32)`,
    parse: oneOf(PRECISIONS),
  },
];

/** The values of `MODEL_OPTIONS` as parsed. */
export function modelChoice(options: Readonly<Record<string, unknown>>): SignatureOptions {
  const { maxTokens, dimensions, precision } = options as SignatureOptions;
  return { maxTokens, dimensions, precision };
}
