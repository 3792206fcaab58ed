import type { CommandInput } from '../define-command.js';

/** The cuts that are used without `--k`. */
const DEFAULT_CUTS = [1, 5, 10, 100];

/** Returns the cuts of the retrieval metrics that `--k` asks for. */
export function cutsOf({ k }: CommandInput['options']): readonly number[] {
  return (k as number[] | undefined) ?? DEFAULT_CUTS;
}
