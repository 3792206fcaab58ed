import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byText, textHashOf } from '../../../core/text-entry.js';
import { readTextListFile, writeTextListFile } from '../../../engine/parquet/text-list-file.js';
import { TextTable, TextTableBuilder } from '../../../engine/reuse/text-table.js';

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
