import { loadCommands } from '../catalogue.js';
import { createProgram } from '../program.js';
import { cliReference } from './cli-reference.js';
import { jobReference } from './job-reference.js';
import { miningReference } from './mining-reference.js';
import { scheduleReference } from './schedule-reference.js';

/** Returns the generated pages, by path from the project's root. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/cli.md', cliReference(createProgram(await loadCommands()))],
    ['docs/job-spec.md', jobReference()],
    ['docs/mining-job.md', miningReference()],
    ['docs/schedule-file.md', scheduleReference()],
  ]);
}
