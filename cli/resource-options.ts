import { EXECUTION_PROVIDERS, type ExecutionProvider } from '../engine/model/execution-provider.js';
import type { ModelResources } from '../engine/model/model.js';
import type { OptionDefinition } from './define-command.js';
import { oneOf, wholeNumber } from './option-values.js';

/**
 * Options for what a command may use of the machine to compute a model. None is part of a
 * fingerprint.
 */
export const RESOURCE_OPTIONS: readonly OptionDefinition[] = [
  {
    flags: '--provider <name>',
    description: `what computes the model: ${EXECUTION_PROVIDERS.join(', ')}`,
    fallback: 'cpu',
    parse: oneOf(EXECUTION_PROVIDERS),
  },
  {
    flags: '--sessions <n>',
    description: 'model sessions side by side (default: one for each core, or two on anything but cpu)',
    parse: wholeNumber(1, 1024),
  },
  {
    flags: '--batch-tokens <n>',
    description: 'tokens of a batch, padding included (default: 512, or 16384 on anything but cpu)',
    parse: wholeNumber(1, 10_000_000),
  },
];

/** Returns the values of `RESOURCE_OPTIONS` as parsed. */
export function resourceChoice(
  options: Readonly<Record<string, unknown>>,
): ModelResources & { executionProvider: ExecutionProvider } {
  const { provider, sessions, batchTokens } = options;
  return {
    executionProvider: provider as ExecutionProvider,
    sessions: sessions as number | undefined,
    batching: batchTokens === undefined ? {} : { tokenBudget: batchTokens as number },
  };
}
