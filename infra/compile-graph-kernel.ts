import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import { PROJECT } from './project.js';

const SOURCE = 'engine/graph-kernel/assembly/graph-kernel.ts';
export const COMPILED_KERNEL = 'engine/graph-kernel/compiled.ts';

/** The TypeScript file that carries the compiled kernel, as AssemblyScript's pinned release makes it. */
export async function compileGraphKernel(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vectormill-kernel-'));
  try {
    const output = join(folder, 'kernel.wasm');
    const { error, stderr } = await asc.main([
      SOURCE,
      ...['--baseDir', PROJECT, '--outFile', output, '-O3'],
      ...['--runtime', 'stub', '--enable', 'simd', '--importMemory', '--noAssert', '--use', 'abort='],
    ]);
    if (error) throw new Error(`${SOURCE} does not compile:\n${stderr.toString()}`);
    const lines = (await readFile(output)).toString('base64').match(/.{1,100}/g) ?? [];
    return [
      `/** WebAssembly, base64, of assembly/graph-kernel.ts; \`npm run kernel\` writes this file, and a test holds it to its source. */`,
      'export const GRAPH_KERNEL =',
      `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
      '',
    ].join('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await writeFile(join(PROJECT, COMPILED_KERNEL), await compileGraphKernel());
