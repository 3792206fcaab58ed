import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { COMPILED_KERNEL, compileGraphKernel } from '../../../infra/compile-graph-kernel.js';
import { PROJECT } from '../../../infra/project.js';

it('the compiled kernel is what its source compiles to; `npm run kernel` writes it anew', async () => {
  expect(readFileSync(join(PROJECT, COMPILED_KERNEL), 'utf8')).toBe(await compileGraphKernel());
});
