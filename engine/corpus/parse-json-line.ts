import type { ColumnMapping } from '../../core/job-spec.js';
import { decodeUtf8 } from './decode-text.js';
import { mapColumns, mappedColumns } from './map-columns.js';
import { restoreDigits } from './parse-json.js';
import { type Outcome, reject } from './raw-record.js';

/** Turns one line of a JSONL object into its document, or into the reason why there is none. */
export function parseJsonLine(bytes: Uint8Array, columns: ColumnMapping): Outcome {
  const line = decodeUtf8(bytes);
  if (line === undefined) return reject('INVALID_UTF8', 'the line is not valid UTF-8');
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    // The parser's own message would quote the line.
    return reject('BAD_JSON', 'the line is not valid JSON');
  }
  if (record === null || typeof record !== 'object' || Array.isArray(record)) {
    return reject('BAD_JSON', 'the line is JSON, but not an object');
  }
  const fields = record as Record<string, unknown>;
  const mapped = mappedColumns(columns).map((name) =>
    Object.hasOwn(fields, name) ? fields[name] : undefined,
  );
  return mapColumns(restoreDigits(line, fields, mapped), columns);
}
