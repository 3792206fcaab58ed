import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJson } from '../../../engine/version/create-once.js';
import { parseRecord } from '../../../engine/version/read-json-record.js';

const RECORD = {
  formatVersion: 1 as const,
  name: 'naïve “text”',
  rate: 1e-7,
  list: [1, { a: null }],
  none: {},
};
const parse = (bytes: Uint8Array) => parseRecord(bytes, 1, 'memory://record.json');
const damaged = expect.objectContaining({ code: 'FILE_DAMAGED', file: 'memory://record.json' });

describe('a record with a checksum', () => {
  it('is read as what was written', () => {
    expect(parse(encodeJson(RECORD))).toEqual(RECORD);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const record = { ...fields, formatVersion: 1 as const };
        const { checksum: _, ...expected } = JSON.parse(JSON.stringify(record)) as Record<string, unknown>;
        expect(parse(encodeJson(record))).toEqual(expected);
      }),
    );
  });

  it('is refused after any bit of it was changed', () => {
    const whole = encodeJson(RECORD);
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const bytes = whole.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => parse(bytes), `bit ${bit}`).toThrow(damaged);
    }
  });

  it('is refused after any part of its end was cut off, or something was added', () => {
    const whole = encodeJson(RECORD);
    for (let length = 0; length < whole.length; length += 1)
      expect(() => parse(whole.subarray(0, length)), `${length} bytes`).toThrow(damaged);
    for (const more of [' ', '\n', '{}'])
      expect(() => parse(Buffer.concat([whole, Buffer.from(more)]))).toThrow(damaged);
  });

  it('is refused where a field was edited, however the record is written again', () => {
    const edited = { ...JSON.parse(Buffer.from(encodeJson(RECORD)).toString()), name: 'another' };
    for (const space of [0, 2])
      expect(() => parse(Buffer.from(`${JSON.stringify(edited, null, space)}\n`))).toThrow(damaged);
  });
});

it('a record of an earlier release, which has no checksum, is read', () => {
  for (const space of [0, 2])
    expect(parse(Buffer.from(`${JSON.stringify(RECORD, null, space)}\n`))).toEqual(RECORD);
});
