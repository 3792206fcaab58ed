import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../../infra/project.js';
import { pagesIn } from './page.js';

test('every decision and every page of measurements is listed where people look for it', () => {
  for (const [folder, list] of [
    ['docs/decisions', 'docs/decisions/README.md'],
    ['docs/performance', 'docs/performance.md'],
  ] as const) {
    const index = readFileSync(join(PROJECT, list), 'utf8');
    for (const { path } of pagesIn(folder))
      if (path !== list) expect(index, path).toContain(path.slice(path.lastIndexOf('/') + 1));
  }
});
