import { rm } from 'node:fs/promises';
import { startEphemeralStack } from '../../infra/dev-stack/ephemeral-stack.js';
import { runFolder } from './run-folder.js';

/**
 * Starts one Temporal dev server and one S3 server for the whole run. Every test finds them by the
 * environment: TEMPORAL_ADDRESS, AWS_ENDPOINT_URL_S3, the AWS credentials and region, and a bucket
 * `vectormill`. Where a binary cannot be installed, the run continues with the tests that need
 * none; the others fail by `requireStack`. It also removes the folder of the run at the end.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = runFolder();
  const stop = await startStack();
  return async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function startStack(): Promise<() => Promise<void>> {
  try {
    const stack = await startEphemeralStack({ log: console.log, install: false });
    Object.assign(process.env, stack.environment);
    return stack.stop;
  } catch (error) {
    process.env.VECTORMILL_TEST_STACK_MISSING = (error as Error).message;
    console.error(
      `The dev stack did not start: ${(error as Error).message}\n\`make test\` gets the binaries.`,
    );
    return async () => {};
  }
}
