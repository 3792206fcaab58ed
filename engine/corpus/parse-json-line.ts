import type { ColumnMapping } from '../../core/job-spec.js';
import { decodeUtf8 } from './decode-text.js';
import { JsonScanner } from './json-scanner.js';
import { mapColumns } from './map-columns.js';
import { type Outcome, reject } from './raw-record.js';

/** One line of a JSONL object, as its document or as the reason why there is none. */
export function parseJsonLine(bytes: Uint8Array, columns: ColumnMapping): Outcome {
  const line = decodeUtf8(bytes);
  if (line === undefined) return reject('INVALID_UTF8', 'the line is not valid UTF-8');
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    // The parser's own message quotes the line.
    return reject('BAD_JSON', 'the line is not valid JSON');
  }
  if (record === null || typeof record !== 'object' || Array.isArray(record)) {
    return reject('BAD_JSON', 'the line is JSON, but not an object');
  }
  const fields = record as Record<string, unknown>;
  for (const column of columns.id === undefined ? ['_id', 'id'] : [columns.id]) {
    const value = fields[column];
    if (typeof value === 'number' && !Number.isSafeInteger(value) && Number.isInteger(value))
      fields[column] = spellingOf(bytes, column);
  }
  return mapColumns(fields, columns);
}

/** A top-level number as it is spelled: two ids beyond 2⁵³ may be the same JavaScript number. */
function spellingOf(line: Uint8Array, column: string): string | undefined {
  let depth = 0;
  let key: string | undefined;
  let found: string | undefined;
  const scanner = new JsonScanner(
    {
      open: () => {
        depth += 1;
      },
      close: () => {
        depth -= 1;
      },
      key: (spelling) => {
        if (depth === 1) key = JSON.parse(decodeUtf8(spelling!)!) as string;
      },
      string: () => {},
      scalar: (spelling) => {
        if (depth === 1 && key === column) found = spelling;
      },
    },
    line.length,
  );
  scanner.push(line);
  return found;
}
