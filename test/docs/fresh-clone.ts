import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { BUCKET } from '../../infra/dev-stack/ephemeral-stack.js';
import { findBinary } from '../../infra/dev-stack/find-binary.js';
import { VERSITYGW } from '../../infra/dev-stack/pinned-tools.js';
import { ensureBucket, s3Environment, startVersitygw } from '../../infra/dev-stack/start-versitygw.js';
import { CLI, PROJECT } from '../../infra/project.js';
import { testNamespace } from '../support/temporal.js';

/**
 * The things that a reader has in a fresh clone after `make up`, except for the worker: a folder, a
 * store with a bucket, and Temporal.
 */
export interface FreshClone {
  /** Path of the clone. */
  folder: string;
  /** Path of the folder in which the store keeps its buckets. */
  buckets: string;
  /** The variables with which a command finds the store and Temporal. */
  environment: NodeJS.ProcessEnv;
  /** Makes another bucket. */
  makeBucket(name: string): Promise<void>;
  /**
   * Runs a command as a reader types it. Returns what it printed and its exit code. `make` is not
   * run, because the stack is up already.
   */
  enter(words: readonly string[]): Promise<Entered>;
  close(): Promise<void>;
}

export interface Entered {
  stdout: string;
  stderr: string;
  code: number;
}

/**
 * Opens a fresh clone; `files` are the paths of the project that it contains. A folder is copied
 * with its content.
 */
export async function openFreshClone(files: readonly string[]): Promise<FreshClone> {
  const folder = mkdtempSync(join(tmpdir(), 'vectormill-clone-'));
  for (const path of files) cpSync(join(PROJECT, path), join(folder, path), { recursive: true });
  // The store of the test run is not used, because it may be somebody's own and the pages name a
  // place in it.
  const unconfigured = { ...process.env, AWS_ENDPOINT_URL_S3: '' };
  const found = await findBinary(VERSITYGW, { install: false, log: () => {}, environment: unconfigured });
  if (found.kind === 'address') throw new Error('no binary');
  const buckets = join(folder, '.vectormill', 's3');
  const logFile = join(folder, 's3.log');
  const server = await startVersitygw({ path: found.path, dataDir: buckets, logFile, outlive: false });
  await ensureBucket(server, BUCKET);
  const { namespace, close } = await testNamespace();
  await close();
  const environment = { TEMPORAL_NAMESPACE: namespace, ...s3Environment(server) };
  return {
    folder,
    buckets,
    environment,
    makeBucket: (name) => ensureBucket(server, name),
    enter: (words) => enter(words, folder, { ...process.env, ...environment }),
    async close() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function enter(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Entered> {
  const [program, ...rest] = words[0] === 'npx' ? words.slice(1) : words;
  if (program === 'make') {
    const makefile = readFileSync(join(PROJECT, 'Makefile'), 'utf8');
    for (const target of rest) expect(makefile).toContain(`\n${target}:`);
    return { stdout: '', stderr: '', code: 0 };
  }
  const [file, given] = program === 'vectormill' ? [process.execPath, [CLI, ...rest]] : [program!, rest];
  const outcome = await promisify(execFile)(file, given, { cwd, env }).catch((error) => {
    if (typeof error.code !== 'number') throw error;
    return error as Entered;
  });
  const { stdout, stderr } = outcome;
  return { stdout, stderr, code: 'code' in outcome ? Number(outcome.code) : 0 };
}
