import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { errorLines, errorMessage } from '../../cli/error-lines.js';
import { VectormillError } from '../../core/errors.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { vectormill, vectormillJson } from './command-line.js';

const ROBERTA = fileURLToPath(new URL('../fixtures/architectures/roberta/', import.meta.url));
const folder = useTemporaryFolder();

const remedy = 'Repair the named file.';

test('an error names its file where its message does not', () => {
  const error = new VectormillError('MODEL_INVALID', 'it is not JSON', {
    component: 'model',
    remedy,
    file: '/m/a.json',
  });
  expect(errorLines(error)).toBe('it is not JSON (/m/a.json)\n  → Repair the named file.');
});

test.each([
  [{ message: 'a.json is not JSON', file: 'a.json' }, 'a.json is not JSON'],
  [{ message: 'it is not JSON' }, 'it is not JSON'],
  [{ message: 'line 12 is cut', file: '/m/a.csv', position: 12 }, 'line 12 is cut (/m/a.csv)'],
  [{ message: 'line 123 is cut', file: '/m/a.csv', position: 12 }, 'line 123 is cut (/m/a.csv, at 12)'],
  [{ message: 'a row is no number', position: 0 }, 'a row is no number (at 0)'],
])('%j is printed once: %s', (error, expected) => {
  expect(errorMessage(error)).toBe(expected);
});

test.each(['modules.json', join('1_Pooling', 'config.json'), 'tokenizer.json', 'model.safetensors'])(
  'a command names %s where a model folder lacks it, in text and in JSON',
  async (file) => {
    const model = join(folder.path, file.replaceAll(/\W/g, '-'));
    await cp(ROBERTA, model, { recursive: true });
    await rm(join(model, file));
    const { code, stderr } = await vectormill('model', 'show', model);
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toContain(join(model, file));
    expect((await vectormillJson('model', 'show', model)).json.error.file).toBe(join(model, file));
  },
);
