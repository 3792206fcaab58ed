import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/**
 * Bundles the compiled workflows at build time, so that a worker starts in under a second and the
 * bundler checks that they are deterministic.
 */
const workflowsPath = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath });
await writeFile(fileURLToPath(new URL('../workflows/bundle.js', import.meta.url)), code);
