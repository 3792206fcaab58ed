import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { errorLines } from '../../../../cli/error-lines.js';
import { isVectormillError } from '../../../../core/errors.js';
import { findCrossEncoder } from '../../../../engine/model/cross-encoder/find-cross-encoder.js';
import { findModel } from '../../../../engine/model/find/find-model.js';
import { composeExport } from '../export/exports.js';
import { useTemporaryFolder } from '../temporary-folder.js';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const folder = useTemporaryFolder();
let copies = 0;

const copyOf = (fixture: string) => async (target: string) => {
  await cp(join(FIXTURES, fixture), target, { recursive: true });
  await rm(join(target, 'expected.json'), { force: true });
};

interface Kind {
  make(target: string): Promise<unknown>;
  check(source: string): Promise<void>;
}

const embedder = async (source: string) => (await findModel({ source })).check();
const KINDS: Record<string, Kind> = {
  'an embedder': { make: copyOf('architectures/roberta'), check: embedder },
  'an embedder in shards': { make: copyOf('architectures/qwen2'), check: embedder },
  'a static model': { make: copyOf('static-models/sentence-transformers'), check: embedder },
  'a model2vec model': { make: copyOf('static-models/float32'), check: embedder },
  'an export': {
    make: (target) => composeExport(target, ['model_fp16.onnx', 'model_fp16.onnx_data']),
    check: embedder,
  },
  'a cross-encoder': {
    make: copyOf('cross-encoders/saved'),
    check: async (source) => (await findCrossEncoder({ source })).check(),
  },
};

const DAMAGES: Record<string, (file: string) => Promise<void>> = {
  missing: (file) => rm(file),
  empty: (file) => writeFile(file, ''),
  'cut short': async (file) => {
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length >> 1));
  },
  'text that is no JSON': (file) => writeFile(file, '<html>429 Too Many Requests</html>'),
  'a JSON list': (file) => writeFile(file, '[]'),
  'a JSON number': (file) => writeFile(file, '7'),
  'an empty JSON object': (file) => writeFile(file, '{}'),
  'null in every place': async (file) => {
    const text = await readFile(file, 'utf8');
    if (!file.endsWith('.json')) return;
    await writeFile(file, JSON.stringify(withNulls(JSON.parse(text))));
  },
};

function withNulls(values: unknown): unknown {
  return Array.isArray(values)
    ? values.map(() => null)
    : Object.fromEntries(Object.keys(values as object).map((key) => [key, null]));
}

async function filesOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe.each(Object.entries(KINDS))('%s with a damaged file', (_, { make, check }) => {
  test('is sound without the damage', async () => {
    const whole = join(folder.path, `${++copies}`);
    await make(whole);
    await expect(check(whole)).resolves.toBeUndefined();
  });

  test.each(Object.entries(DAMAGES))(
    '%s is read, or refused with a message that names a file of the folder',
    async (_name, damage) => {
      const whole = join(folder.path, `${++copies}`);
      await make(whole);
      let refused = 0;
      for (const file of await filesOf(whole)) {
        const copy = join(folder.path, `${++copies}`);
        await cp(whole, copy, { recursive: true });
        const damaged = join(copy, relative(whole, file));
        await damage(damaged);
        const error = await check(copy).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) continue;
        refused += 1;
        const what = `${relative(whole, file)}: ${error instanceof Error ? error.stack : error}`;
        if (!isVectormillError(error)) throw new Error(what);
        expect(['MODEL_INVALID', 'MODEL_UNSUPPORTED'], what).toContain(error.code);
        expect(errorLines(error), what).toContain(copy);
        expect(error.message, what).not.toContain('named file');
      }
      expect(refused).toBeGreaterThan(0);
    },
  );
});
