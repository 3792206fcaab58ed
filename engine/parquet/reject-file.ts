import { REJECT_CODES, type Reject, type RejectCode } from '../../core/document.js';
import { int64Column, nullableUtf8Column, utf8Column, valuesOfField } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'rejects/1';

/** Writes one row for each quarantined record, in the order given. */
export function writeRejectFile(rejects: readonly Reject[], footer: Footer): Uint8Array {
  const positions = valuesOfField(rejects, 'position');
  const columns = [
    int64Column('ordinal', valuesOfField(rejects, 'ordinal')),
    nullableUtf8Column('doc_id', valuesOfField(rejects, 'id')),
    utf8Column('code', valuesOfField(rejects, 'code')),
    utf8Column('reason', valuesOfField(rejects, 'reason')),
    utf8Column('uri', valuesOfField(positions, 'uri')),
    utf8Column('unit', valuesOfField(positions, 'unit')),
    int64Column('at', valuesOfField(positions, 'at')),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: ['ordinal'] });
}

/** Reads the rejects of a file and its footer. `file` names it in errors. Errors: FILE_DAMAGED. */
export function readRejectFile(bytes: Uint8Array, file: string): { rejects: Reject[]; footer: Footer } {
  const { columns, footer } = readParquetFile(bytes, file, FORMAT);
  const ids = columns.nullableUtf8('doc_id');
  const codes = columns.utf8('code');
  const reasons = columns.utf8('reason');
  const uris = columns.utf8('uri');
  const units = columns.utf8('unit');
  const places = columns.int64('at');
  const rejects = columns.int64('ordinal').map((ordinal, row): Reject => {
    const code = codes[row]!;
    const unit = units[row]!;
    if (!isRejectCode(code)) throw fileDamaged(file, `row ${row} has an unknown code`);
    if (unit !== 'byte' && unit !== 'row') throw fileDamaged(file, `row ${row} has an unknown unit`);
    const id = ids[row];
    return {
      code,
      reason: reasons[row]!,
      position: { uri: uris[row]!, unit, at: places[row]! },
      ordinal,
      ...(id === undefined ? {} : { id }),
    };
  });
  return { rejects, footer };
}

function isRejectCode(code: string): code is RejectCode {
  return Object.hasOwn(REJECT_CODES, code);
}
