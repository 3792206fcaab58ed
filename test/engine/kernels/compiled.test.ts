import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileKernels } from '../../../infra/compile-kernels.js';
import { PROJECT } from '../../../infra/project.js';

it('the compiled kernels are what their sources compile to, which `npm run kernel` writes again', async () => {
  const compiled = await compileKernels();
  expect([...compiled.keys()]).toEqual([
    'engine/kernels/hnsw-build.ts',
    'engine/kernels/hnsw-search.ts',
    'engine/kernels/row-sums.ts',
  ]);
  for (const [file, text] of compiled) expect(readFileSync(join(PROJECT, file), 'utf8')).toBe(text);
});
