import { execFile } from 'node:child_process';
import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../../../infra/project.js';

const run = promisify(execFile);

/** The codes with which npm says that it does not reach its registry. */
const UNREACHABLE =
  /^npm (?:error|ERR!) code (ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTCACHED|ECONNRESET)$/m;

/** A folder of a user who has installed the package and nothing else. */
export interface InstalledPackage {
  folder: string;
  /** Runs a program there, and resolves to what it printed. It rejects if the program fails. */
  enter(program: string, ...parameters: string[]): Promise<{ stdout: string; stderr: string }>;
  close(): Promise<void>;
}

/**
 * Packs the built project and installs it in an empty folder, as a user does. The result is
 * `unreachable` where npm does not reach its registry.
 */
export async function installPackage(): Promise<InstalledPackage | 'unreachable'> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'vectormill-installed-')));
  const close = () => rm(folder, { recursive: true, force: true });
  const env = userEnvironment();
  const enter: InstalledPackage['enter'] = (program, ...parameters) =>
    run(program, parameters, { cwd: folder, env });
  try {
    await run('npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder], {
      cwd: PROJECT,
    });
    const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    await enter('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
    return { folder, enter, close };
  } catch (error) {
    await close();
    if (UNREACHABLE.test((error as { stderr?: string }).stderr ?? '')) return 'unreachable';
    throw error;
  }
}

/**
 * Returns the environment of a user: without the settings that npm gives to what it runs, and
 * without a way out for the install script that would download libraries.
 */
function userEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|ONNXRUNTIME_NODE_|INIT_CWD$|VITEST)/i.test(name),
  );
  const { PATH = '' } = process.env;
  return {
    ...Object.fromEntries(own),
    PATH: `${dirname(process.execPath)}${delimiter}${PATH}`,
    GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9',
  };
}
