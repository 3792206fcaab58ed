import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SafetensorsFile } from '../../../../engine/model/folder/safetensors.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { safetensorsBytes } from '../tiny-model.js';

const folder = useTemporaryFolder();

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder.path, 'some.safetensors');
  await writeFile(path, bytes);
  return path;
}

const sound = safetensorsBytes(
  new Map([
    ['first', { dtype: 'F32', shape: [2], bytes: new Uint8Array(Float32Array.of(1.5, -2).buffer) }],
    ['second', { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) }],
  ]),
);

function withHeader(header: unknown, dataBytes: number): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

const damaged: Record<string, Uint8Array> = {
  'is empty': new Uint8Array(0),
  'ends within the header length': sound.subarray(0, 5),
  'ends within the header': sound.subarray(0, 40),
  'ends within a tensor': sound.subarray(0, sound.length - 1),
  'goes on after the last tensor': Buffer.concat([sound, Buffer.alloc(1)]),
  'declares a header larger than itself': Buffer.from([255, 255, 255, 255, 255, 255, 255, 127, 0]),
  'has a header that is not JSON': withHeader('{"a":', 0),
  'has a header that is a list': withHeader([], 0),
  'names an unknown type': withHeader({ a: { dtype: 'F31', shape: [1], data_offsets: [0, 4] } }, 4),
  'has a negative size': withHeader({ a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4),
  'has offsets that do not fit the shape': withHeader(
    { a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } },
    4,
  ),
  'has a tensor without offsets': withHeader({ a: { dtype: 'F32', shape: [1] } }, 4),
  'has tensors that overlap': withHeader(
    {
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
    },
    12,
  ),
  'has a gap between tensors': withHeader(
    {
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      b: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    },
    12,
  ),
};

describe('a safetensors file', () => {
  test('returns each tensor as it was written', async () => {
    const file = await SafetensorsFile.open(await fileOf(sound));
    expect([...file.tensors.keys()]).toEqual(['first', 'second']);
    expect(await file.readFloat32('first')).toEqual(Float32Array.of(1.5, -2));
    await file.close();
  });

  test.each(Object.entries(damaged))('that %s is refused by name', async (_, bytes) => {
    const path = await fileOf(bytes);
    await expect(SafetensorsFile.open(path)).rejects.toMatchObject({ code: 'MODEL_INVALID', file: path });
  });

  test('that is missing is refused by name', async () => {
    const path = join(folder.path, 'absent.safetensors');
    await expect(SafetensorsFile.open(path)).rejects.toMatchObject({ code: 'MODEL_INVALID', file: path });
  });

  test('widens half precision without loss, subnormal and infinite numbers included', async () => {
    const halves = Uint16Array.of(
      0x0000,
      0x8000,
      0x0001,
      0x03ff,
      0x0400,
      0x3c00,
      0xc000,
      0x7bff,
      0x7c00,
      0xfc00,
      0x7e00,
    );
    const brains = Uint16Array.of(0x0000, 0x3f80, 0xc000, 0x7f7f, 0x0001);
    const bytes = safetensorsBytes(
      new Map([
        ['half', { dtype: 'F16', shape: [11], bytes: new Uint8Array(halves.buffer) }],
        ['brain', { dtype: 'BF16', shape: [5], bytes: new Uint8Array(brains.buffer) }],
      ]),
    );
    const file = await SafetensorsFile.open(await fileOf(bytes));
    expect([...(await file.readFloat32('half'))]).toEqual([
      0,
      -0,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      1,
      -2,
      65504,
      Infinity,
      -Infinity,
      Number.NaN,
    ]);
    expect([...(await file.readFloat32('brain'))]).toEqual([0, 1, -2, (2 - 2 ** -7) * 2 ** 127, 2 ** -133]);
    await file.close();
  });

  test('refuses to read a tensor of whole numbers as weights', async () => {
    const file = await SafetensorsFile.open(await fileOf(sound));
    await expect(file.readFloat32('second')).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' });
    await expect(file.readFloat32('third')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await file.close();
  });
});
