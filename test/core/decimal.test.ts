import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDecimals, isHeldByDouble, isKeptAsText, readDecimal } from '../../core/decimal.js';

const compare = (a: string, b: string) => Math.sign(compareDecimals(readDecimal(a)!, readDecimal(b)!));

/**
 * An integer times a power of ten, written with a point, with zeros around it, or with an exponent.
 */
const decimal = fc
  .record({
    integer: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
    scale: fc.integer({ min: 0, max: 30 }),
    spelling: fc.constantFrom('point', 'exponent', 'zeros'),
  })
  .map(({ integer, scale, spelling }) => {
    const sign = integer < 0n ? '-' : '';
    const digits = String(integer)
      .replace('-', '')
      .padStart(scale + 1, '0');
    const point = `${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`;
    const text = { point, exponent: `${digits}e-${scale}`, zeros: `00${point}00` }[spelling];
    return { text: sign + text, scaled: integer * 10n ** BigInt(30 - scale) };
  });

describe('decimals', () => {
  test('are in the order of the integers that they are when scaled', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const order = a.scaled === b.scaled ? 0 : a.scaled > b.scaled ? 1 : -1;
        expect(compare(a.text, b.text)).toBe(order);
      }),
    );
  });

  test.each([
    ['0', '-0.00', 0],
    ['1e2', '100', 0],
    ['.5', '5e-1', 0],
    ['5.', '+5', 0],
    ['-1', '0', -1],
    ['-1e400', '-1e399', -1],
    ['12', '123', -1],
    ['0.099', '0.1', -1],
  ])('%s beside %s: %i', (a, b, order) => {
    expect(compare(a, b)).toBe(order);
    expect(compare(b, a)).toBe(order === 0 ? 0 : -order);
  });

  test.each(['', '.', '-', 'e5', '1e', '0x10', 'Infinity', '1_000', '1 2'])('%j is not a decimal', (text) => {
    expect(readDecimal(text)).toBeUndefined();
  });

  test('are held by the double that they spell, in its shortest form or with 17 digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isHeldByDouble(String(value))).toBe(true);
        expect(isHeldByDouble(value.toPrecision(17))).toBe(true);
      }),
    );
  });

  test.each([
    ['9007199254740991', false],
    ['9007199254740992', true],
    ['-9007199254740993', true],
    ['1e22', false],
    ['1.0', false],
    ['-0', false],
    ['4.35', false],
    ['0.1234567890123456789', true],
    ['1.0000000000000001', true],
    ['0.10000000000000001', false],
    ['9007199254740993.0', true],
    ['1e400', true],
    ['1e-400', true],
    ['01234567890123456789', false],
    ['an id', false],
  ])('%s as a JSON number is kept as text: %s', (text, expected) => {
    expect(isKeptAsText(text)).toBe(expected);
  });
});
