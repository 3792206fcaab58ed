import type { NightRequest } from '../../core/schedule/night-request.js';
import type { CommandInput, OptionDefinition } from '../define-command.js';
import { wholeNumber } from '../option-values.js';

/** Allows one version to delete documents of its parent. */
export const allowDeletesOption: OptionDefinition = {
  flags: '--allow-deletes <number>',
  description:
    "the number of its parent's documents that this version may delete, after one has stopped with DELETES_EXCEEDED; the input is listed again",
  parse: wholeNumber(0, Number.MAX_SAFE_INTEGER),
};

/** Lets the model compute every vector of one version. */
export const recomputeOption: OptionDefinition = {
  flags: '--recompute',
  description: 'embed every document of this version: nothing is carried over, and no vectors are taken over',
};

/** The options by which somebody asks something of one night. */
export const nightOptions: readonly OptionDefinition[] = [allowDeletesOption, recomputeOption];

/** Returns what the options of a command ask of one night. */
export function nightOptionsOf({ allowDeletes, recompute }: CommandInput['options']): NightRequest {
  return {
    ...(allowDeletes !== undefined && { allowDeletes: allowDeletes as number }),
    ...(recompute === true && { recompute }),
  };
}

/** Returns the words of a command that asks the same of a night. */
export function wordsOfNightRequest({ allowDeletes, recompute }: NightRequest): string[] {
  return [
    ...(allowDeletes === undefined ? [] : ['--allow-deletes', String(allowDeletes)]),
    ...(recompute ? ['--recompute'] : []),
  ];
}
