import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SafetensorsFile } from '../../../../engine/model/folder/safetensors.js';
import { roundToFloat16 } from '../../../../engine/model/static/round-to-float16.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { safetensorsBytes } from '../tiny-model.js';

const folder = useTemporaryFolder();

/** Returns every finite float16 number that is not negative, as float32. */
async function halves(): Promise<Float32Array> {
  const bits = Uint16Array.from({ length: 0x7c00 }, (_, index) => index);
  const tensor = { dtype: 'F16', shape: [bits.length], bytes: new Uint8Array(bits.buffer) };
  const path = join(folder.path, 'halves.safetensors');
  await writeFile(path, safetensorsBytes(new Map([['halves', tensor]])));
  const file = await SafetensorsFile.open(path);
  try {
    return await file.readFloat32('halves');
  } finally {
    await file.close();
  }
}

it('numbers are rounded to the nearest of float16, ties to the even one, of either sign', async () => {
  const numbers = await halves();
  const given: number[] = [];
  const expected: number[] = [];
  for (let index = 0; index + 1 < numbers.length; index++) {
    const [low, high] = [numbers[index]!, numbers[index + 1]!];
    const middle = (low + high) / 2;
    const even = index % 2 === 0 ? low : high;
    // A 64th of the gap to the middle, which float32 can still distinguish.
    const step = (high - low) / 64;
    given.push(low, middle - step, middle, middle + step, -low, -middle + step, -middle, -middle - step);
    expected.push(low, low, even, high, -low, -low, -even, -high);
  }
  const rounded = Float32Array.from(given);
  roundToFloat16(rounded);
  // 0 and −0 count as the same number here.
  expect(rounded.findIndex((value, index) => value !== expected[index])).toBe(-1);
});

it('numbers beyond float16 become infinite, and NaN stays', () => {
  const values = Float32Array.of(65_519, 65_520, -1e30, Number.NaN);
  roundToFloat16(values);
  expect([...values]).toEqual([65_504, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
});
