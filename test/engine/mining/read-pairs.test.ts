import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readPairs } from '../../../engine/mining/read-pairs.js';
import { sourceOf } from '../evaluation/support.js';

const COLUMNS = { query: 'query', positive: 'positive', queryId: 'query_id' };

async function pairsIn(name: string, content: string | Uint8Array, format: 'csv' | 'tsv') {
  const pairs = [];
  for await (const pair of readPairs(await sourceOf(name, content), { format, columns: COLUMNS }))
    pairs.push([pair.query, pair.positive, pair.row]);
  return pairs;
}

describe('pairs of a table', () => {
  test.each([
    ['CSV', 'csv', '\ufeff"query","positive"\n"a, b","1"\nc,2\n'],
    ['CSV ended by carriage returns', 'csv', '"query","positive"\r"a, b","1"\rc,2\r'],
    ['CSV with a column that comes twice', 'csv', 'query,positive,positive\n"a, b",1,x\nc,2,x\n'],
    ['TSV', 'tsv', '\ufeff"query"\t"positive"\na, b\t1\n"c"\t2\n'],
  ] as const)(
    "are read from %s, plain and compressed, whatever the file's name",
    async (_, format, table) => {
      const expected = [
        ['a, b', '1', 2],
        ['c', '2', 3],
      ];
      for (const name of [`pairs.${format}`, 'pairs.txt'])
        expect(await pairsIn(name, table, format)).toEqual(expected);
      expect(await pairsIn(`pairs.${format}.gz`, gzipSync(table), format)).toEqual(expected);
    },
  );

  test('in TSV have quotes as characters, unless they enclose a whole field', async () => {
    const table = 'query\tpositive\n"apple pear\t1\na plank of 12"\t2\n"river"\t3\n"two\nlines"\t4\n';
    expect(await pairsIn('pairs.tsv', table, 'tsv')).toEqual([
      ['"apple pear', '1', 2],
      ['a plank of 12"', '2', 3],
      ['river', '3', 4],
      ['two\nlines', '4', 5],
    ]);
  });
});
