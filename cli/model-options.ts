import { PRECISIONS } from '../core/model-signature.js';
import type { ModelSettings } from '../engine/model/model.js';
import type { OptionDefinition } from './define-command.js';
import { nonEmpty, oneOf, wholeNumber } from './option-values.js';

/** The options that a command may set for a model. Each is part of its fingerprint. */
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
    description: `what the model computes with: ${PRECISIONS.join(', ')} (default: float32)`,
    parse: oneOf(PRECISIONS),
  },
];

/** An option of commands that take models of every kind. */
export const FILE_OPTION: OptionDefinition = {
  flags: '--file <path>',
  description:
    "ONNX file to compute with, by its path in the model's folder (default: its safetensors, or its only ONNX file)",
  parse: nonEmpty,
};

/** Returns the values of `MODEL_OPTIONS` and `FILE_OPTION` as parsed. */
export function modelChoice(options: Readonly<Record<string, unknown>>): Omit<ModelSettings, 'source'> {
  const { file, maxTokens, dimensions, precision } = options as Omit<ModelSettings, 'source'>;
  return { file, maxTokens, dimensions, precision };
}
