import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';

/**
 * Code that makes the bundle encode failures; `encryption/bundled-failure-converter.ts` reads it.
 */
const ENCODES_FAILURES = 'globalThis.vectormillEncodesFailures = true;';

/** Returns the files to bundle: the workflows, and what turns their errors into failures. */
export function bundleOptions(): { workflowsPath: string; failureConverterPath: string } {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const pathOf = (name: string) => fileURLToPath(new URL(`${name}.${extension}`, import.meta.url));
  return {
    workflowsPath: pathOf('../workflows/index'),
    failureConverterPath: pathOf('./encryption/bundled-failure-converter'),
  };
}

/**
 * Returns the workflows for a worker: the given bundle, the one that the build made, or in
 * development one made from the sources.
 */
export async function workflowSource(
  given: string | undefined,
  { encodesFailures }: { encodesFailures: boolean },
): Promise<Pick<WorkerOptions, 'workflowBundle'>> {
  const built = fileURLToPath(new URL('../workflows/bundle.js', import.meta.url));
  const codePath = given ?? (existsSync(built) ? built : undefined);
  if (codePath !== undefined && !encodesFailures) return { workflowBundle: { codePath } };
  const code =
    codePath === undefined
      ? (await bundleWorkflowCode(bundleOptions())).code
      : await readFile(codePath, 'utf8');
  return { workflowBundle: { code: encodesFailures ? `${ENCODES_FAILURES}${code}` : code } };
}
