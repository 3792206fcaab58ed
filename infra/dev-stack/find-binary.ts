import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { VectormillError } from '../../core/errors.js';
import { cacheFolder } from '../../engine/files/cache-folder.js';
import { downloadRelease } from './download-release.js';
import { goInstall } from './go-install.js';
import type { PinnedTool, ReleaseArchive } from './pinned-tools.js';
import { isOlder, toolVersion } from './tool-version.js';

const run = promisify(execFile);

export type FoundTool =
  | { kind: 'address'; address: string }
  | { kind: 'binary'; path: string; from: 'PATH' | 'cache' | 'download' | 'go install' };

export interface FindOptions {
  /** Logs, line by line, which way was taken and why each earlier way was not. */
  log: (line: string) => void;
  /** Whether a missing binary may be downloaded or compiled. */
  install: boolean;
  environment?: NodeJS.ProcessEnv;
  /** `<process.platform>-<process.arch>`, by which a release archive is chosen. */
  platform?: string;
  download?: (archive: ReleaseArchive, target: string) => Promise<void>;
  compile?: (tool: PinnedTool, target: string, log: (line: string) => void) => Promise<void>;
}

/**
 * Finds a server in this order: a configured address (then nothing needs to be started), the binary
 * on PATH, the binary in the project's cache, the official release with its pinned sha256,
 * `go install` at the pinned version. A binary that is known to be older than what the tool must be
 * is passed over. Throws USAGE with what to install where none of these works.
 */
export async function findBinary(tool: PinnedTool, options: FindOptions): Promise<FoundTool> {
  const environment = options.environment ?? process.env;
  const missed: string[] = [];
  const use = <T extends FoundTool>(found: T, where: string): T => {
    const because = missed.length > 0 ? ` (${missed.join('; ')})` : '';
    options.log(`${tool.name}: using ${where}${because}`);
    return found;
  };

  for (const variable of [tool.addressVariable, tool.generalVariable]) {
    const address = variable && environment[variable];
    if (address) return use({ kind: 'address', address }, `${address}, which ${variable} names`);
  }
  missed.push(`${tool.addressVariable} is not set`);

  const onPath = await findOnPath(tool, environment.PATH ?? '', missed);
  if (onPath) return use({ kind: 'binary', path: onPath, from: 'PATH' }, `${onPath}, found on PATH`);
  missed.push('not on PATH');

  const target = join(cacheFolder(environment), 'bin', tool.name);
  if (await isUsable(tool, target, missed))
    return use({ kind: 'binary', path: target, from: 'cache' }, `${target}, from the cache`);
  missed.push(`not in the cache (${target})`);

  if (options.install) {
    const from = await install(tool, target, missed, options);
    if (from) return use({ kind: 'binary', path: target, from }, `${target}, made by ${from}`);
  }
  throw toolUnavailable(tool, missed);
}

async function install(
  tool: PinnedTool,
  target: string,
  missed: string[],
  options: FindOptions,
): Promise<'download' | 'go install' | undefined> {
  const { log, download = downloadRelease, compile = goInstall } = options;
  const archive = tool.archives[options.platform ?? `${process.platform}-${process.arch}`];
  if (archive) {
    log(`${tool.name}: ${missed.join('; ')}. Downloading ${archive.url} …`);
    const problem = await attempt(() => download(archive, target), target);
    if (!problem) return 'download';
    missed.push(problem);
  } else missed.push('no official release for this platform');

  const minutes = `takes about ${tool.compileMinutes} minutes on two cores, once`;
  log(
    `${tool.name}: ${missed.at(-1)}. Compiling ${tool.goPackage}@v${tool.version} with Go; this ${minutes} …`,
  );
  const problem = await attempt(() => compile(tool, target, log), target);
  if (!problem) return 'go install';
  missed.push(problem);
  return undefined;
}

/** Returns why the binary does not exist or run afterwards. Undefined when it does. */
async function attempt(make: () => Promise<void>, target: string): Promise<string | undefined> {
  try {
    await make();
  } catch (error) {
    return (error as Error).message;
  }
  return (await printedVersion(target)) === undefined ? `${target} was made but does not run` : undefined;
}

async function findOnPath(tool: PinnedTool, path: string, missed: string[]): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, tool.name);
    if (folder && (await isUsable(tool, candidate, missed))) return candidate;
  }
  return undefined;
}

/**
 * Returns whether a binary runs and is not older than it must be. One for another machine, or one
 * that was cut short, does not run. Whether it is too old is added to `missed`.
 */
async function isUsable(
  { name, oldestUsable }: PinnedTool,
  path: string,
  missed: string[],
): Promise<boolean> {
  const printed = await printedVersion(path);
  if (printed === undefined) return false;
  const version = oldestUsable && (await toolVersion(printed, path));
  if (!version || !isOlder(version, oldestUsable)) return true;
  missed.push(`${path} is ${name} ${version}, which is older than ${oldestUsable}`);
  return false;
}

/** Returns what a binary prints for its version. Undefined for one that does not run. */
async function printedVersion(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return (await run(path, ['--version'], { timeout: 30_000 })).stdout;
  } catch {
    return undefined;
  }
}

function toolUnavailable(tool: PinnedTool, missed: readonly string[]): VectormillError {
  return new VectormillError('USAGE', `${tool.purpose} is needed and not to be had: ${missed.join('; ')}`, {
    component: 'dev-stack',
    remedy:
      `Install ${tool.name} ${tool.version} or later (${tool.homepage}) so that it is on PATH, or install Go ` +
      `so that it can be compiled, or set ${tool.addressVariable} to a running server.`,
  });
}
