import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { VectormillError } from '../core/errors.js';

const run = promisify(execFile);

export interface FetchedNode {
  /** The absolute path of the executable. */
  path: string;
  /** The version in the form `v24.1.0`. */
  version: string;
}

/**
 * Returns the newest Node of a line such as `24`: this process's own, or else the package `node` of
 * the npm registry, which npm keeps in its cache. Errors: USAGE where it cannot be found.
 */
export async function fetchNode(line: string): Promise<FetchedNode> {
  if (process.versions.node.startsWith(`${line}.`))
    return { path: process.execPath, version: process.version };
  const say = 'console.log(JSON.stringify({ path: process.execPath, version: process.version }))';
  try {
    const { stdout } = await run('npm', ['exec', '--yes', `--package=node@${line}`, '--', 'node', '-e', say]);
    const found = JSON.parse(stdout.trim().split('\n').at(-1)!) as FetchedNode;
    if (found.version.startsWith(`v${line}.`)) return found;
    throw new Error(`npm brought ${found.version}`);
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    const why = /^npm error (?!(?:code|syscall|errno) )(.+)$/m.exec(stderr ?? '')?.[1] ?? message;
    throw new VectormillError('USAGE', `Node ${line} cannot be fetched, so no test ran on it: ${why}`, {
      component: 'infra',
      remedy: 'Check that npm reaches its registry, or run this with that Node itself.',
      cause,
    });
  }
}
