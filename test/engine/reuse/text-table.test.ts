import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byText, textHashOf } from '../../../core/text-entry.js';
import { readTextListFile, writeTextListFile } from '../../../engine/parquet/text-list-file.js';
import { TextRows, TextTable, TextTableBuilder } from '../../../engine/reuse/text-table.js';

const shaOf = (text: number) => hash('sha256', String(text), 'hex');

test('a table finds exactly the texts that it was given, each with its least row key', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 3000 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), {
        maxLength: 2500,
      }),
      fc.integer({ min: 1, max: 40 }),
      (rows, pieceRows) => {
        const builder = new TextTableBuilder();
        const least = new Map<number, bigint>();
        for (const [text, rowKey] of rows) {
          builder.add(shaOf(text), rowKey);
          const known = least.get(text);
          if (known === undefined || rowKey < known) least.set(text, rowKey);
        }
        const entries = Array.from(least, ([text, rowKey]) => ({
          textHash: textHashOf(shaOf(text)),
          rowKey,
        })).sort(byText);
        const pieces = Array.from({ length: Math.ceil(entries.length / pieceRows) }, (_, piece) =>
          entries.slice(piece * pieceRows, (piece + 1) * pieceRows),
        );
        const built = builder.build();
        // Reading Parquet pieces is the same for every number of them, so that a few are enough.
        const listed = new TextTable(
          pieces.length > 30
            ? []
            : pieces.map((piece) => readTextListFile(writeTextListFile(piece, {}), 'texts')),
        );
        for (let text = 0; text < 3000; text += 7) {
          expect(built.find(shaOf(text))).toBe(least.get(text));
          if (pieces.length <= 30) expect(listed.find(shaOf(text))).toBe(least.get(text));
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('rows of texts are found by text and key, in any number of pieces, if they ascend', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat({ max: 20 }), fc.bigInt({ min: 0n, max: 30n })), {
        selector: ([text, rowKey]) => `${text} ${rowKey}`,
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 40 }),
      (rows, pieceRows) => {
        const entries = rows
          .map(([text, rowKey]) => ({ textHash: textHashOf(shaOf(text)), rowKey }))
          .sort(byText);
        const listed = (sorted: typeof entries) =>
          new TextRows(
            Array.from({ length: Math.ceil(sorted.length / pieceRows) }, (_, piece) =>
              readTextListFile(
                writeTextListFile(sorted.slice(piece * pieceRows, (piece + 1) * pieceRows), {}),
                'repeats',
              ),
            ),
          );
        const table = listed(entries);
        const given = new Set(rows.map(([text, rowKey]) => `${text} ${rowKey}`));
        for (let text = 0; text <= 21; text += 1)
          for (let rowKey = 0n; rowKey <= 31n; rowKey += 3n)
            expect(table.has(shaOf(text), rowKey)).toBe(given.has(`${text} ${rowKey}`));
        expect(table.isAscending()).toBe(true);
        if (entries.length > 1) expect(listed([...entries].reverse()).isAscending()).toBe(false);
      },
    ),
    { numRuns: 20 },
  );
});
