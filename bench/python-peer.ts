import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder } from '../engine/files/cache-folder.js';
import { PROJECT_ROOT } from './project-root.js';

const PEERS = join(PROJECT_ROOT, 'bench', 'peers');

/**
 * The requirements of each script of `bench/peers`. They pin versions that cannot be installed
 * together.
 */
const REQUIREMENTS = {
  sentence_transformers_peer: 'requirements',
  model2vec_peer: 'requirements',
  onnx_int8_peer: 'requirements-onnx',
  openvino_int8_peer: 'requirements-openvino',
  openvino_st_int8_peer: 'requirements-openvino',
  hnswlib_peer: 'requirements-hnswlib',
} as const;
export type PeerName = keyof typeof REQUIREMENTS;

/** The first line that a peer reads. Its script documents its meaning. */
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

/** Another library in a Python process of its own. It answers each line with one line of JSON. */
export class PythonProcess {
  private constructor(
    private readonly process: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    private readonly name: PeerName,
    /** The line that the process printed when it was ready. */
    readonly greeting: unknown,
  ) {}

  /** Makes the peer's venv where it is missing; `job` is the first line that its script reads. */
  static async open(name: PeerName, job: object, log: (line: string) => void): Promise<PythonProcess> {
    const python = makeVenv(REQUIREMENTS[name], log);
    const child = spawn(python, [join(PEERS, `${name}.py`)], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.write(`${JSON.stringify(job)}\n`);
    return new PythonProcess(child, lines, name, await answer(lines, name));
  }

  /** Sends one line and returns the one line of JSON that answers it. */
  async ask(line: string): Promise<unknown> {
    this.process.stdin!.write(`${line}\n`);
    return answer(this.lines, this.name);
  }

  close(): void {
    this.process.stdin!.end();
  }
}

/** A library that encodes texts. */
export class PythonPeer {
  private constructor(
    private readonly process: PythonProcess,
    /** The versions of the library and of what it runs on. */
    readonly version: string,
    /** The number of non-padding tokens of all texts. */
    readonly tokens: number,
  ) {}

  /**
   * Makes the peer's venv where it is missing. Resolves once the peer has made and loaded its
   * model.
   */
  static async open(name: PeerName, job: PeerJob, log: (line: string) => void): Promise<PythonPeer> {
    const exports = join(cacheFolder(), 'peers');
    mkdirSync(exports, { recursive: true });
    const process = await PythonProcess.open(name, { ...job, exports }, log);
    const { version, tokens } = process.greeting as { version: string; tokens: number };
    return new PythonPeer(process, version, tokens);
  }

  /** Encodes all texts once. */
  async run(): Promise<PeerRun> {
    const result = (await this.process.ask('run')) as { seconds: number; cpu_seconds: number };
    return { seconds: result.seconds, cpuSeconds: result.cpu_seconds };
  }

  close(): void {
    this.process.close();
  }
}

/**
 * Returns the interpreter of a venv in the cache that has these requirements. It is installed again
 * where they have changed. It takes some gigabytes, because PyTorch includes its GPU libraries.
 */
export function makeVenv(name: string, log: (line: string) => void): string {
  const venv = join(cacheFolder(), name.replace('requirements', 'venv-peers'));
  const [python, installed] = [join(venv, 'bin', 'python'), join(venv, `${name}.txt`)];
  const requirements = join(PEERS, `${name}.txt`);
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return python;
  const isNew = !existsSync(python);
  log(`installing ${name}.txt in ${venv}; the first time takes minutes`);
  try {
    if (isNew) execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { stdio: 'inherit' });
    writeFileSync(installed, wanted);
  } catch (error) {
    if (isNew) rmSync(venv, { recursive: true, force: true });
    throw error;
  }
  return python;
}

async function answer(lines: AsyncIterator<string>, name: PeerName): Promise<unknown> {
  const { done, value } = await lines.next();
  if (done) throw new Error(`the Python process ended; run bench/peers/${name}.py by hand`);
  return JSON.parse(value);
}
