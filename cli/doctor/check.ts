import { isVectormillError } from '../../core/errors.js';
import { errorMessage } from '../error-lines.js';

/** The result of one check. A `note` is not an error, but worth knowing. */
export interface CheckResult {
  status: 'ok' | 'note' | 'failed';
  found: string;
  /** An instruction that tells the user what to do about the result. */
  remedy?: string;
}

export interface Check {
  name: string;
  /**
   * Another check that must succeed first, because without it this check would only report the same
   * failure again.
   */
  needs?: string;
  run(): Promise<CheckResult>;
}

export type Finding = CheckResult & { name: string };

/**
 * Runs the checks in order. An error that a check throws is the failure of that check, so that one
 * broken thing hides no other. A check is left out where the check that it needs has failed.
 */
export async function* runChecks(checks: readonly Check[]): AsyncGenerator<Finding> {
  /** The checks that failed or were left out, with the check whose failure is the cause. */
  const broken = new Map<string, string>();
  for (const { name, needs = '', run } of checks) {
    const cause = broken.get(needs);
    const result = cause ? note('not looked at', `Mend ${cause} first.`) : await run().catch(toFailure);
    if (cause || result.status === 'failed') broken.set(name, cause ?? name);
    yield { name, ...result };
  }
}

function toFailure(error: unknown): CheckResult {
  if (isVectormillError(error)) return failed(errorMessage(error), error.remedy);
  const found = error instanceof Error ? error.message : String(error);
  return failed(found, 'Mend what the message names, then run this again.');
}

export function ok(found: string): CheckResult {
  return { status: 'ok', found };
}

export function failed(found: string, remedy: string): CheckResult {
  return { status: 'failed', found, remedy };
}

export function note(found: string, remedy: string): CheckResult {
  return { status: 'note', found, remedy };
}
