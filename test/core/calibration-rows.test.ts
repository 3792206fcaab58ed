import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calibrationRows } from '../../core/calibration-rows.js';

const SPECIAL = [0, 101, 102];
const model = {
  template: [101, 7, 102],
  isSpecial: (id: number) => SPECIAL.includes(id),
  vocabularySize: 500,
  maxTokens: 512,
};

test('every row has ordinary tokens within the special tokens of the template, and fits the model', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 200 }), (maxTokens) => {
      for (const row of calibrationRows({ ...model, maxTokens })) {
        expect(row.length).toBeLessThanOrEqual(maxTokens);
        expect([row[0], row.at(-1)]).toEqual([101, 102]);
        for (const id of row.slice(1, -1)) {
          expect(model.isSpecial(id)).toBe(false);
          expect(id).toBeLessThan(model.vocabularySize);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test('a template that only ends a text puts nothing before it', () => {
  const rows = calibrationRows({ ...model, template: [7, 102] });
  expect(rows.every((row) => !model.isSpecial(row[0]!) && row.at(-1) === 102)).toBe(true);
});

test('the same model always gets the same rows, and they are not one row again and again', () => {
  const rows = calibrationRows(model);
  expect(calibrationRows(model)).toEqual(rows);
  expect(new Set(rows.map(String)).size).toBe(rows.length);
});
