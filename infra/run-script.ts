import { isVectormillError } from '../core/errors.js';

/**
 * Runs a script's work and, where it fails for a known reason, prints that and what to do instead
 * of a stack.
 */
export async function runScript(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = 1;
    if (!isVectormillError(error)) throw error;
    console.error(
      `${error.code}: ${error.message}\n${error.remedy}${error.file ? `\nSee ${error.file}` : ''}`,
    );
  }
}
