import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { PROJECT } from '../../infra/project.js';
import { bundleOptions } from '../../workers/workflow-source.js';
import { runFolder } from './run-folder.js';

/**
 * Returns a file with the workflows, bundled from the sources once for the whole run: webpack takes
 * seconds, and every worker of a test would start it again. The first process that needs the bundle
 * makes it; the global setup says where.
 */
export async function workflowBundle(): Promise<string> {
  const file = join(runFolder(), `workflows-${lastChange()}.js`);
  if (existsSync(file)) return file;
  const { code } = await bundleWorkflowCode({
    ...bundleOptions(),
    logger: new DefaultLogger('ERROR'),
  });
  // Two processes that begin at once each write a whole file, and the same one.
  const unfinished = `${file}.${randomUUID()}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, file);
  return file;
}

/** Returns the time at which a source of the bundle changed last, for a run that watches them. */
function lastChange(): number {
  const files = ['workflows', 'core', 'workers'].flatMap((room) =>
    readdirSync(join(PROJECT, room), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(PROJECT, room, name),
    ),
  );
  return Math.max(...files.map((file) => Math.round(statSync(file).mtimeMs)));
}
