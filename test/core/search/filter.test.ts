import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertFilterKeys, matchesFilters, parseFilter } from '../../../core/search/filter.js';

const matches = (condition: string, fields: Record<string, unknown>) =>
  matchesFilters([parseFilter(condition)], fields);

describe('a filter is read', () => {
  test.each([
    ['language=en', { key: 'language', operator: '=', value: 'en' }],
    [' year >= 2020 ', { key: 'year', operator: '>=', value: '2020' }],
    ['a!=b=c', { key: 'a', operator: '!=', value: 'b=c' }],
    ['day<2024-05-01', { key: 'day', operator: '<', value: '2024-05-01' }],
    ['empty=', { key: 'empty', operator: '=', value: '' }],
    ['键=值', { key: '键', operator: '=', value: '值' }],
  ])('%s', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter);
  });

  test.each(['', 'year', 'year==2020', '=2020', '>=1', 'year>=', 'year>=soon', 'year<NaN', 'year>Infinity'])(
    '%j is refused',
    (text) => {
      expect(() => parseFilter(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );

  test('whatever its key and value are', () => {
    const key = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && !/[<>=!]/.test(text));
    const value = fc.string().filter((text) => !/^[=]/.test(text));
    fc.assert(
      fc.property(key, fc.constantFrom('=', '!='), value, (name, operator, text) => {
        expect(parseFilter(`${name}${operator}${text}`)).toEqual({
          key: name.trim(),
          operator,
          value: text.trim(),
        });
      }),
    );
  });
});

describe('a filter holds', () => {
  test.each([
    ['language=en', { language: 'en' }, true],
    ['language=en', { language: 'EN' }, false],
    ['year=2020', { year: 2020 }, true],
    ['year=2020.0', { year: 2020 }, true],
    ['year=2020.0', { year: '2020' }, false],
    ['open=true', { open: true }, true],
    ['tags=b', { tags: ['a', 'b'] }, true],
    ['tags!=b', { tags: ['a', 'b'] }, false],
    ['tags!=b', { tags: [] }, true],
    ['year>=2020', { year: 2020 }, true],
    ['year>2020', { year: 2020 }, false],
    ['year<=2020', { year: '2019' }, true],
    ['year<2020', { year: 2019.5 }, true],
    ['year<2020', { year: 'unknown' }, false],
    ['year<2020', { year: '' }, false],
    ['day>=2024-05', { day: '2024-05-01T10:00' }, true],
    ['day<2024-05-01', { day: '2024-04-30' }, true],
    ['day<2024-05-01', { day: 'aged' }, false],
    ['place={"x":1}', { place: { x: 1 } }, true],
    ['year=2020', {}, false],
    ['year!=2020', {}, false],
    ['year!=2020', { year: null }, false],
    ['constructor!=x', {}, false],
    ['n=1234567890123456789', { n: '1234567890123456789' }, true],
    ['n=1234567890123456789', { n: '1234567890123456790' }, false],
    ['n!=1234567890123456789', { n: '1234567890123456790' }, true],
    ['n=1234567890123456789.0', { n: '1234567890123456789' }, true],
    ['n=1.234567890123456789e18', { n: '1234567890123456789' }, true],
    ['n=123456789012345678.12', { n: '123456789012345678.1200' }, true],
    ['n=9007199254740993', { n: 9007199254740992 }, false],
    ['n>=9007199254740993', { n: 9007199254740992 }, false],
    ['n>9007199254740992', { n: '9007199254740993' }, true],
    ['n<1234567890123456790', { n: '1234567890123456789' }, true],
    ['n<-1234567890123456789', { n: '-1234567890123456790' }, true],
    ['n<=1e400', { n: '1e400' }, true],
    ['n<1e400', { n: 5 }, true],
    ['n>0', { n: '1e-400' }, true],
    ['n>=4.35', { n: 4.35 }, true],
    ['n=0.10000000000000001', { n: 0.1 }, true],
    ['n=0.1000000000000000055511151231257827', { n: 0.1 }, false],
    ['n=7', { n: '007' }, false],
    ['refs=9007199254740993', { refs: [1, '9007199254740993'] }, true],
  ])('%s on %j: %s', (condition, fields, expected) => {
    expect(matches(condition, fields)).toBe(expected);
  });

  test('for numbers as JavaScript compares them, and never together with its opposite', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (own, bound) => {
        const fields = { n: own };
        expect(matches(`n>=${bound}`, fields)).toBe(own >= bound);
        expect(matches(`n<${bound}`, fields)).toBe(own < bound);
        expect(matches(`n=${bound}`, fields)).toBe(!matches(`n!=${bound}`, fields));
      }),
    );
  });

  test('only together with all the others', () => {
    const filters = ['year>=2020', 'year<2022'].map(parseFilter);
    expect([2019, 2020, 2021, 2022].map((year) => matchesFilters(filters, { year }))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(matchesFilters([], {})).toBe(true);
  });
});

test('an unknown key is refused with the known ones', () => {
  const filters = [parseFilter('year>=2020'), parseFilter('yaer<2022')];
  expect(() => assertFilterKeys(filters, ['year', 'doc_id'])).toThrow(
    expect.objectContaining({ code: 'USAGE', remedy: expect.stringContaining('year, doc_id') }),
  );
  expect(() => assertFilterKeys(filters.slice(0, 1), ['year'])).not.toThrow();
});
