import { isVectormillError } from '../core/errors.js';

/**
 * Runs a script's work. If it fails for a known reason, it prints the reason and what to do instead
 * of a stack trace.
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
