import { type DataType, Decimal, Field, List, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { convert } from 'hyparquet/src/convert.js';
import { Table as WasmTable, writeParquet } from 'parquet-wasm/node';
import { describe, expect, it } from 'vitest';
import { compareDecimals, decimalOf, isKeptAsText, readDecimal } from '../../../core/decimal.js';
import { scaledNumber } from '../../../engine/corpus/exact-number.js';
import { JsonConverter } from '../../../engine/corpus/json-value.js';
import { columnDecoder } from '../../../engine/corpus/parquet/column-decoder.js';
import { parseJson } from '../../../engine/corpus/parse-json.js';
import { COLUMNS, corpusOf, documentsIn, outline, read } from './support.js';

const toJson = (value: unknown) => new JsonConverter().toJson(value);

async function metadataOf(spellings: readonly string[]): Promise<unknown[]> {
  const lines = spellings.map((spelling, index) => `{"_id":"${index}","text":"a","n":${spelling}}`);
  const uri = await corpusOf({ 'a.jsonl': lines.join('\n') });
  const records = await read({ uri, columns: { ...COLUMNS, metadata: ['n'] } });
  return documentsIn(records).map(({ metadata }) => metadata?.n);
}

describe('numbers of JSON lines', () => {
  it('keep their digits if no double holds them, at any depth', async () => {
    expect(
      await metadataOf([
        '1234567890123456789',
        '-9007199254740993',
        '9007199254740991',
        '{"a":[1,{"b":9007199254740993}],"__proto__":9007199254740993}',
        '0.1234567890123456789',
        '1.0000000000000001',
        '1e400',
        '1e-400',
        '-0',
        '1.0',
        '1e2',
        '4.35',
        `1${'0'.repeat(400)}`,
        '"1234567890123456789"',
        '"a \\"quoted 12345678901234567890\\" number"',
      ]),
    ).toEqual([
      '1234567890123456789',
      '-9007199254740993',
      9007199254740991,
      { a: [1, { b: '9007199254740993' }], ['__proto__']: '9007199254740993' },
      '0.1234567890123456789',
      '1.0000000000000001',
      '1e400',
      '1e-400',
      -0,
      1,
      100,
      4.35,
      `1${'0'.repeat(400)}`,
      '1234567890123456789',
      'a "quoted 12345678901234567890" number',
    ]);
  });

  it('are titles and ids with all their digits, and never a text', async () => {
    const uri = await corpusOf({
      'a.jsonl': [
        '{"_id":1234567890123456789,"text":"a","title":1234567890123456789}',
        '{"_id":1234567890123456788,"text":"a","title":0.5}',
        '{"_id":"x","text":1234567890123456789}',
      ].join('\n'),
    });
    const records = await read({ uri });
    expect(outline(records)).toEqual(['1234567890123456789', '1234567890123456788', 'MISSING_TEXT']);
    expect(documentsIn(records).map(({ title }) => title)).toEqual(['1234567890123456789', '0.5']);
  });

  it('are otherwise what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // The long number makes the parser check the digits of all numbers.
        const [long, value] = toJson(parseJson(`[1234567890123456789,${text}]`)) as [unknown, unknown];
        expect(long).toBe('1234567890123456789');
        const keep = (_: string, parsed: unknown) =>
          typeof parsed === 'number' && isKeptAsText(String(parsed)) ? String(parsed) : parsed;
        expect(value).toEqual(toJson(JSON.parse(text, keep)));
      }),
    );
  });
});

describe('decimal columns', () => {
  it('give the number, or its digits, in every width, in lists and as ids', async () => {
    const column = (values: readonly (bigint | null)[], precision: number, scale: number) =>
      vectorFromArray(values.map(words), new Decimal(scale, precision));
    const table = new Table({
      id: column([12345678901234567890n, 12345678901234567891n, 42n], 38, 0),
      text: vectorFromArray(['a', 'b', 'c'], new Utf8()),
      price: column([435n, -7n, null], 9, 2),
      sum: column([900719925474099301n, 435n, -201n], 18, 2),
      share: column([1234567890123456781234n, 5000n, 10000n], 30, 4),
      list: vectorFromArray(
        [[words(435n), words(900719925474099301n)], null, []],
        new List(new Field('item', new Decimal(2, 18) as DataType)),
      ),
    });
    const ipc = tableToIPC(table, 'stream');
    const uri = await corpusOf({ 'a.parquet': writeParquet(WasmTable.fromIPCStream(ipc)) });
    const columns = { ...COLUMNS, id: 'id', metadata: ['price', 'sum', 'share', 'list'] };
    expect(documentsIn(await read({ uri, columns })).map(({ id, metadata }) => [id, metadata])).toEqual([
      [
        '12345678901234567890',
        {
          price: 4.35,
          sum: '9007199254740993.01',
          share: '123456789012345678.1234',
          list: [4.35, '9007199254740993.01'],
        },
      ],
      ['12345678901234567891', { price: -0.07, sum: 4.35, share: 0.5, list: null }],
      ['42', { price: null, sum: -2.01, share: 1, list: [] }],
    ]);
  });

  it.each([
    ['BYTE_ARRAY', [Uint8Array.of(0x01, 0xb3), Uint8Array.of(0xff, 0xf9), Uint8Array.of()], [4.35, -0.07, 0]],
    ['FIXED_LEN_BYTE_ARRAY', [Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0)], ['-92233720368547758.08']],
    ['INT64', BigInt64Array.of(-900719925474099301n), ['-9007199254740993.01']],
    ['INT32', Int32Array.of(435), [4.35]],
  ] as const)('%s with either annotation', (type, raw, expected) => {
    for (const annotation of [
      { converted_type: 'DECIMAL', scale: 2, precision: 18 },
      { logical_type: { type: 'DECIMAL', scale: 2, precision: 18 } },
    ] as const) {
      const element = { name: 'n', type, repetition_type: 'REQUIRED', ...annotation } as const;
      const tree = { children: [], count: 1, element, path: ['n'] };
      const chunk = { path_in_schema: ['n'], type, codec: 'UNCOMPRESSED' } as never;
      const values = convert(raw as never, columnDecoder([tree], chunk, true)) as ArrayLike<unknown>;
      expect(Array.from(values, toJson)).toEqual(expected);
    }
  });

  it('have the value of their integer and scale', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 38n), 10n ** 38n),
        fc.integer({ min: -3, max: 40 }),
        (unscaled, scale) => {
          const found = scaledNumber(unscaled, scale);
          const value = typeof found === 'number' ? decimalOf(found) : readDecimal(found.digits)!;
          expect(compareDecimals(value, readDecimal(`${unscaled}e${-scale}`)!)).toBe(0);
        },
      ),
    );
  });
});

/** Returns the 128 bits of an integer as Arrow's decimals hold them. */
function words(value: bigint | null): Uint32Array | null {
  if (value === null) return null;
  const unsigned = BigInt.asUintN(128, value);
  return Uint32Array.from([0n, 32n, 64n, 96n], (shift) => Number((unsigned >> shift) & 0xffffffffn));
}
