import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder } from '../engine/cache-folder.js';
import { PROJECT_ROOT } from './project-root.js';

const VENV = join(cacheFolder(), 'venv-peers');
const PYTHON = join(VENV, 'bin', 'python');
/** What was installed, as it was asked for. */
const INSTALLED = join(VENV, 'requirements.txt');
const PEERS = join(PROJECT_ROOT, 'bench', 'peers');

/** A script of `bench/peers`. */
export type PeerName = 'sentence_transformers_peer' | 'model2vec_peer';

/** The first line that a peer reads; its script says what it makes of it. */
export interface PeerJob {
  model: string;
  texts: readonly string[];
  threads: number;
  batch_size?: number;
}

export interface PeerRun {
  seconds: number;
  cpuSeconds: number;
}

/**
 * Makes the peers' venv in the cache where it is missing or was made for other requirements: some gigabytes, for PyTorch
 * brings its GPU libraries.
 */
export function makePeerVenv(log: (line: string) => void): void {
  const requirements = join(PEERS, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(PYTHON) && existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === wanted) return;
  const isNew = !existsSync(PYTHON);
  log(`installing the peers of ${requirements} in ${VENV}; the first time takes minutes`);
  try {
    mkdirSync(VENV, { recursive: true });
    if (isNew) execFileSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
    execFileSync(PYTHON, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { stdio: 'inherit' });
    writeFileSync(INSTALLED, wanted);
  } catch (error) {
    if (isNew) rmSync(VENV, { recursive: true, force: true });
    throw error;
  }
}

/** Another library in a Python process of its own, from the venv of `makePeerVenv`. */
export class PythonPeer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    private readonly name: PeerName,
    /** Of the library and what it runs on. */
    readonly version: string,
    /** Non-padding tokens of all texts. */
    readonly tokens: number,
  ) {}

  /** Resolves once the model is loaded. */
  static async open(name: PeerName, job: PeerJob): Promise<PythonPeer> {
    const child = spawn(PYTHON, [join(PEERS, `${name}.py`)], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.write(`${JSON.stringify(job)}\n`);
    const { version, tokens } = (await answer(lines, name)) as { version: string; tokens: number };
    return new PythonPeer(child, lines, name, version, tokens);
  }

  /** Encodes all texts once. */
  async run(): Promise<PeerRun> {
    this.process.stdin!.write('run\n');
    const result = (await answer(this.lines, this.name)) as { seconds: number; cpu_seconds: number };
    return { seconds: result.seconds, cpuSeconds: result.cpu_seconds };
  }

  close(): void {
    this.process.stdin!.end();
  }
}

async function answer(lines: AsyncIterator<string>, name: PeerName): Promise<unknown> {
  const { done, value } = await lines.next();
  if (done) throw new Error(`the Python process ended; run bench/peers/${name}.py by hand`);
  return JSON.parse(value);
}
