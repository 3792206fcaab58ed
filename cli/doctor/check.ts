import { isVectormillError } from '../../core/errors.js';

/** What one look found. `note`: not wrong, but worth knowing. */
export interface CheckResult {
  status: 'ok' | 'note' | 'failed';
  found: string;
  /** What to do about it. */
  remedy?: string;
}

export interface Check {
  name: string;
  run(): Promise<CheckResult>;
}

export type Finding = CheckResult & { name: string };

/** Runs one check; whatever it throws is its failure, so that one broken thing hides no other. */
export async function findOut({ name, run }: Check): Promise<Finding> {
  try {
    return { name, ...(await run()) };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const remedy = isVectormillError(error)
      ? error.remedy
      : 'Mend what the message names, then run this again.';
    return { name, status: 'failed', found, remedy };
  }
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
