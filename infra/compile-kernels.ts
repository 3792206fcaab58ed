import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import { PROJECT } from './project.js';

const FOLDER = 'engine/kernels';
/** Several threads run these over one memory. */
const SHARED: readonly string[] = ['hnsw-build.ts'];
const SHARED_OPTIONS = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'];

/**
 * Returns the TypeScript files that contain the compiled kernels, by path, as the pinned release of
 * AssemblyScript makes them.
 */
export async function compileKernels(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(join(PROJECT, FOLDER, 'assembly'), { withFileTypes: true });
  for (const name of entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort())
    files.set(`${FOLDER}/${name}`, carrierOf(name, await compile(name)));
  return files;
}

async function compile(name: string): Promise<Buffer> {
  const source = `${FOLDER}/assembly/${name}`;
  const folder = await mkdtemp(join(tmpdir(), 'vectormill-kernel-'));
  try {
    const output = join(folder, 'kernel.wasm');
    const { error, stderr } = await asc.main([
      source,
      ...['--baseDir', PROJECT, '--outFile', output, '-O3'],
      ...['--runtime', 'stub', '--enable', 'simd', '--importMemory', '--noAssert', '--use', 'abort='],
      ...(SHARED.includes(name) ? SHARED_OPTIONS : []),
    ]);
    if (error) throw new Error(`${source} does not compile:\n${stderr.toString()}`);
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function carrierOf(name: string, bytes: Buffer): string {
  const constant = basename(name, '.ts').replace('-', '_').toUpperCase();
  const lines = bytes.toString('base64').match(/.{1,100}/g) ?? [];
  return [
    '/**',
    ` * The WebAssembly of assembly/${name} in base64. \`npm run kernel\` writes this file, and`,
    ' * a test compares it with its source.',
    ' */',
    `export const ${constant} =`,
    `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
    '',
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [file, text] of await compileKernels()) await writeFile(join(PROJECT, file), text);
