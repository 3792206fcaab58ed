import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { withoutSources } from './without-sources.js';
import { bundleOptions } from './workflow-source.js';

/**
 * Bundles the compiled workflows at build time, so that a worker starts in under a second and the
 * bundler checks that they are deterministic.
 */
const project = fileURLToPath(new URL('../..', import.meta.url));
const { code } = await bundleWorkflowCode(bundleOptions());
const bundle = withoutSources(code, project);
await writeFile(fileURLToPath(new URL('../workflows/bundle.js', import.meta.url)), bundle);
