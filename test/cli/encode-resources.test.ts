import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeAll, describe, expect, test } from 'vitest';
import { composeExport } from '../engine/model/export/exports.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();
const at = (name: string) => join(folder.path, name);

beforeAll(async () => writeTinyModel(at('model')));

async function readRows(path: string): Promise<{ vector: number[] }[]> {
  const bytes = await readFile(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return (await parquetReadObjects({ file, compressors })) as unknown as { vector: number[] }[];
}

function encode(input: string, output: string, ...more: string[]) {
  return vectormillJson('encode', '--model', at('model'), '--input', input, '--output', output, ...more);
}

describe('encode with', () => {
  test('--file computes from that ONNX file of the folder, and a refusal names it', async () => {
    const path = await composeExport(at('exports'), ['model.onnx', 'model_quantized.onnx']);
    await writeFile(at('exported.jsonl'), '{"id": "1", "text": "a b c"}\n');
    const run = (output: string, ...more: string[]) =>
      vectormillJson(
        'encode',
        '--model',
        path,
        '--input',
        at('exported.jsonl'),
        '--output',
        at(output),
        ...more,
      );
    const [plain, quantised] = [
      await run('plain-export.parquet'),
      await run('quantised-export.parquet', '--file', 'onnx/model_quantized.onnx'),
    ];
    expect([plain.code, quantised.code]).toEqual([0, 0]);
    expect(quantised.json.fingerprint).not.toBe(plain.json.fingerprint);
    const [a, b] = [
      await readRows(at('plain-export.parquet')),
      await readRows(at('quantised-export.parquet')),
    ];
    expect(b[0]!.vector).toHaveLength(a[0]!.vector.length);
    expect(b[0]!.vector).not.toEqual(a[0]!.vector);
    const refused = await run('outside.parquet', '--file', '../model.onnx');
    expect(refused).toMatchObject({ code: 2, json: { error: { code: 'USAGE' } } });
    expect(existsSync(at('outside.parquet'))).toBe(false);
  });

  test('a --provider that is not available is refused, and nothing is written', async () => {
    await writeFile(at('exported.jsonl'), '{"id": "1", "text": "a b c"}\n');
    const provider = process.platform === 'darwin' ? 'cuda' : 'coreml';
    const { code, json } = await encode(at('exported.jsonl'), at('gpu.parquet'), '--provider', provider);
    expect(code).toBe(2);
    expect(json.error).toMatchObject({
      code: 'EXECUTION_PROVIDER_UNAVAILABLE',
      message: expect.stringContaining(provider),
    });
    expect(existsSync(at('gpu.parquet'))).toBe(false);
  });

  test('--sessions and --batch-tokens gives the same vectors', async () => {
    await writeFile(
      at('resources.jsonl'),
      ['a', 'b c', 'd e f'].map((text, id) => JSON.stringify({ id, text })).join('\n'),
    );
    await encode(at('resources.jsonl'), at('one-session.parquet'));
    const other = await encode(
      at('resources.jsonl'),
      at('two-sessions.parquet'),
      '--sessions',
      '2',
      '--batch-tokens',
      '4',
    );
    expect(other.code).toBe(0);
    const [a, b] = [await readRows(at('one-session.parquet')), await readRows(at('two-sessions.parquet'))];
    for (const [row, { vector }] of a.entries())
      for (const [index, value] of vector.entries()) expect(b[row]!.vector[index]).toBeCloseTo(value, 5);
  });
});
