import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder } from '../engine/cache-folder.js';
import { PROJECT_ROOT } from './project-root.js';

const VENV = join(cacheFolder(), 'venv-peers');
const PYTHON = join(VENV, 'bin', 'python');
const SCRIPT = join(PROJECT_ROOT, 'bench', 'peers', 'sentence_transformers_peer.py');
const BATCH_SIZE = 32;

export interface PeerRun {
  seconds: number;
  cpuSeconds: number;
}

/** Makes the peers' venv in the cache unless it is there: some gigabytes, for PyTorch brings its GPU libraries. */
export function makePeerVenv(log: (line: string) => void): void {
  if (existsSync(PYTHON)) return;
  log(`making ${VENV} for sentence-transformers and PyTorch; this takes minutes, once`);
  const requirements = join(PROJECT_ROOT, 'bench', 'peers', 'requirements.txt');
  try {
    execFileSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
    execFileSync(PYTHON, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { stdio: 'inherit' });
  } catch (error) {
    rmSync(VENV, { recursive: true, force: true });
    throw error;
  }
}

/** sentence-transformers in a process of its own, from the venv of `makePeerVenv`. */
export class SentenceTransformersPeer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    readonly version: string,
    readonly tokens: number,
  ) {}

  static async open(
    model: string,
    texts: readonly string[],
    threads: number,
  ): Promise<SentenceTransformersPeer> {
    const child = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.write(`${JSON.stringify({ model, texts, threads, batch_size: BATCH_SIZE })}\n`);
    const { version, tokens } = (await answer(lines)) as { version: string; tokens: number };
    return new SentenceTransformersPeer(child, lines, version, tokens);
  }

  async run(): Promise<PeerRun> {
    this.process.stdin!.write('run\n');
    const result = (await answer(this.lines)) as { seconds: number; cpu_seconds: number };
    return { seconds: result.seconds, cpuSeconds: result.cpu_seconds };
  }

  close(): void {
    this.process.stdin!.end();
  }
}

async function answer(lines: AsyncIterator<string>): Promise<unknown> {
  const { done, value } = await lines.next();
  if (done)
    throw new Error('the Python process ended; run bench/peers/sentence_transformers_peer.py by hand');
  return JSON.parse(value);
}
