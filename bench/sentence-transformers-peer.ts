import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder } from '../engine/cache-folder.js';
import { PROJECT_ROOT } from './project-root.js';

const PYTHON = join(cacheFolder(), 'venv-peers', 'bin', 'python');
const SCRIPT = join(PROJECT_ROOT, 'bench', 'peers', 'sentence_transformers_peer.py');
const BATCH_SIZE = 32;

export interface PeerRun {
  seconds: number;
  cpuSeconds: number;
}

/** sentence-transformers in a process of its own, from the venv that `make bench-peers` makes. */
export class SentenceTransformersPeer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    readonly version: string,
    readonly tokens: number,
  ) {}

  /** Undefined where the venv is not there. */
  static async open(
    model: string,
    texts: readonly string[],
    threads: number,
  ): Promise<SentenceTransformersPeer | undefined> {
    if (!existsSync(PYTHON)) return undefined;
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
