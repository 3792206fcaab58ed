import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { cacheFolder } from '../../engine/files/cache-folder.js';
import { pullModel } from '../../engine/model/fetch/pull.js';
import { PROJECT } from '../../infra/project.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';
import { writeExampleFiles } from './example-files.js';
import { type FreshClone, openFreshClone } from './fresh-clone.js';
import { type Page, pageOf } from './page.js';
import { type ByHand, walkRecipe } from './walk-recipe.js';

/** A Python with DuckDB and pandas, which `make test` installs. */
const PYTHON = join(cacheFolder(), 'venv-interop', 'bin', 'python');

/** Enough pages for a corpus of some dozens of sections. */
const PAGES = ['docs/operations.md', 'docs/index.md', 'docs/mining.md'];

describe('each recipe, done in a fresh clone as it is written', { timeout: 600_000 }, () => {
  let clone: FreshClone;
  let worker: WorkerProcess | undefined;

  beforeEach(async () => {
    clone = await openFreshClone(PAGES);
    const { enter } = clone;
    clone.enter = ([program = '', ...rest]) =>
      enter([program === 'python3' && existsSync(PYTHON) ? PYTHON : program, ...rest]);
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
    await clone?.close();
  });

  const onUp = () => {
    worker ??= startWorkerProcess(clone.environment);
  };
  const kill = async () => {
    await worker?.kill();
    worker = undefined;
  };
  const edit = (path: string, change: (text: string) => string) =>
    writeFileSync(join(clone.folder, path), change(readFileSync(join(clone.folder, path), 'utf8')));

  test('bulk re-embedding', async () => {
    const byHand: ByHand[] = [
      { before: /no worker answers/, act: kill },
      {
        before: /FINGERPRINT_MISMATCH/,
        act: () => edit('job-v1.yaml', (text) => text.replace('version: v1', 'version: v2')),
      },
    ];
    const readsWithDuckdb = (words: readonly string[]) =>
      words.includes('read-vectors.py') && !existsSync(PYTHON);
    const page = recipe('bulk-re-embedding');
    await walkRecipe(page, { clone, folder: '', byHand, onUp, isSkipped: readsWithDuckdb });
  });

  test('a nightly index', async () => {
    const byHand: ByHand[] = [
      {
        before: /SCHEDULE_CONFLICT/,
        act: () =>
          edit('nightly/nightly.yaml', (text) =>
            text.replace('"0 2 * * *"', '"30 1 * * *"').replace('0.95', '0.9'),
          ),
      },
    ];
    const isRefused = (words: readonly string[]) => words.join(' ').includes('schedule cancel');
    await walkRecipe(recipe('nightly-index'), { clone, folder: 'nightly', byHand, onUp, isRefused });
  });

  test('training triplets, but for the training', async () => {
    const { folder } = await pullModel('all-MiniLM-L6-v2', { log: () => {} });
    mkdirSync(join(clone.folder, 'recipe'));
    writeExampleFiles(join(clone.folder, 'recipe'), folder);
    // Training takes minutes and packages of a gigabyte, so the model with which it begins stands
    // in for the trained one.
    cpSync(folder, join(clone.folder, 'recipe', 'trained'), { recursive: true });
    const trains = (words: readonly string[]) => words.some((word) => word.includes('recipe/venv'));
    await walkRecipe(recipe('training-triplets'), { clone, folder: 'recipe', onUp, isSkipped: trains });
  });
});

function recipe(name: string): Page {
  const path = `docs/recipes/${name}.md`;
  return pageOf(path, readFileSync(join(PROJECT, path), 'utf8'));
}
