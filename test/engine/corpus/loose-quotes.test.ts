import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CsvSpec } from '../../../core/job-spec.js';
import { csvDialect } from '../../../engine/corpus/csv-dialect.js';
import { CsvRowSplitter } from '../../../engine/corpus/csv-rows.js';
import { corpusOf, documentsIn, read } from './support.js';

function rowsOf(text: string, size = 1000, maxBytes = 1000): string[][] {
  const splitter = new CsvRowSplitter(csvDialect('tsv'), maxBytes);
  const bytes = Buffer.from(text);
  const rows = [];
  for (let at = 0; at < bytes.length; at += size) rows.push(...splitter.push(bytes.subarray(at, at + size)));
  rows.push(...splitter.end());
  return rows.map((row) =>
    row.kind === 'fields' ? row.fields.map((field) => Buffer.from(field).toString()) : [row.kind],
  );
}

describe('a quote in TSV', () => {
  test('that is not closed on its line is an ordinary character, as in MS MARCO', async () => {
    const uri = await corpusOf({ 'a.tsv': 'id\ttext\n1\t"apple pear\n2\ta plank of 12"\n3\triver\n' });
    expect(documentsIn(await read({ uri }))).toEqual([
      { id: '1', text: '"apple pear' },
      { id: '2', text: 'a plank of 12"' },
      { id: '3', text: 'river' },
    ]);
  });

  test.each([
    ['encloses a whole field', 'id\ttext\n1\t"a ""b"""\n', [['1', 'a "b"']]],
    ['stands in a field', 'id\ttext\n1\t12" x "y" z\n', [['1', '12" x "y" z']]],
    ['ends before its field does', 'id\ttext\n1\t"a" b\n', [['1', '"a" b']]],
    [
      'is closed in another field of a whole row',
      'a\tb\tc\n1\t"x\ty"\n2\tz\tw\n',
      [
        ['1', '"x', 'y"'],
        ['2', 'z', 'w'],
      ],
    ],
    ['encloses a tab', 'id\ttext\n1\t"a\tb"\n', [['1', 'a\tb']]],
    [
      'encloses a line end in the last column',
      'id\ttext\n1\t"a\nb"\n2\tc\n',
      [
        ['1', 'a\nb'],
        ['2', 'c'],
      ],
    ],
    [
      'encloses blank lines',
      'id\ttext\n1\t"a\n\nb\r\n"\n2\tc\n',
      [
        ['1', 'a\n\nb\r\n'],
        ['2', 'c'],
      ],
    ],
    [
      'encloses a line end before the last column',
      'text\tid\n"a\nb"\t1\nc\t2\n',
      [
        ['a\nb', '1'],
        ['c', '2'],
      ],
    ],
    ['encloses lines that are rows', 'id\ttext\n1\t"a\nx\n2\tb"\n', [['1', '"a'], ['x'], ['2', 'b"']]],
    [
      'is closed nowhere',
      'id\ttext\n1\t"a\n2\tb\n',
      [
        ['1', '"a'],
        ['2', 'b'],
      ],
    ],
    ['is closed nowhere, before a bad line', 'id\ttext\n1\t"a\nx\n2\tb\n', [['1', '"a'], ['x'], ['2', 'b']]],
    [
      'stands alone',
      'id\ttext\n1\t"\n2\t""\n',
      [
        ['1', '"'],
        ['2', ''],
      ],
    ],
  ])('that %s', (_, text, rows) => {
    expect(rowsOf(text).slice(1)).toEqual(rows);
  });

  test('may enclose a line end or a tab in the header', () => {
    expect(rowsOf('"i\nd"\t"te\txt"\n1\ta\n')).toEqual([
      ['i\nd', 'te\txt'],
      ['1', 'a'],
    ]);
    expect(rowsOf('"He said\tshe said"\t1\na\tb\t2\n')[0]).toEqual(['"He said', 'she said"', '1']);
  });

  test('that goes on beyond the limit is an ordinary character', () => {
    const text = `id\ttext\n1\t"a\n${'line\n'.repeat(30)}end"\n2\tb\n`;
    expect(rowsOf(text, 1000, 100).slice(1, 4)).toEqual([['1', '"a'], ['line'], ['line']]);
    expect(rowsOf(text, 1000, 200)).toHaveLength(3);
  });
});

test('any cut of the bytes gives the same rows, in every dialect', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '\t', '"', '\n', '\r', '\r\n', '"\n', '\t"', '\ufeff'),
    maxLength: 40,
  });
  const cut = (text: string, size: number, { csv, maxBytes }: { csv: CsvSpec; maxBytes: number }) => {
    const splitter = new CsvRowSplitter(csvDialect('tsv', csv), maxBytes);
    const bytes = Buffer.from(text);
    const rows = [];
    for (let at = 0; at < bytes.length; at += size)
      rows.push(...splitter.push(bytes.subarray(at, at + size)));
    try {
      rows.push(...splitter.end());
    } catch (error) {
      return [...rows, error];
    }
    return rows.map((row) => ({ ...row, ...('fields' in row && { fields: row.fields.map(String) }) }));
  };
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom({}, { quote: '"' }, { quote: 'none' }),
      fc.constantFrom({ header: '', maxBytes: 1000 }, { header: 'a\tb\n', maxBytes: 16 }),
      (rest, size, csv, { header, maxBytes }) => {
        const content = header + rest;
        expect(cut(content, size, { csv, maxBytes })).toEqual(cut(content, 1000, { csv, maxBytes }));
      },
    ),
    { numRuns: 3000 },
  );
});

test('a row says in which line it begins', () => {
  const splitter = new CsvRowSplitter(csvDialect('csv'), 1000);
  const rows = splitter.push(Buffer.from('a,b\r\n\r\n1,"x\ny"\n2,"z"z\n"",""\n'));
  expect(rows.map(({ kind, line, lines }) => [kind, line, lines])).toEqual([
    ['fields', 1, 1],
    ['fields', 3, 2],
    ['bad', 5, 1],
    ['fields', 6, 1],
  ]);
});
