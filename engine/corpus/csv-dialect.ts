import type { CsvSpec } from '../../core/job-spec.js';

/** The bytes that cut a table's rows into fields. The characters are bytes of ASCII. */
export interface CsvDialect {
  delimiter: number;
  quote: number;
  /**
   * - `strict`: a quote opens a field and a quote ends it; delimiters and line ends between them
   *   belong to the field (RFC 4180).
   * - `loose`: a row is a line, and a quote is an ordinary character unless quotes enclose the
   *   whole field. `CsvRowParser` says when a field of several lines is accepted.
   * - `none`: a row is a line, and quotes are ordinary characters.
   */
  quoting: 'strict' | 'loose' | 'none';
}

const QUOTE = '"';

/**
 * Returns the dialect of a format with what the job sets instead. CSV is strict and TSV is loose.
 */
export function csvDialect(format: 'csv' | 'tsv', { quote, delimiter }: CsvSpec = {}): CsvDialect {
  const standard = format === 'csv' ? ('strict' as const) : ('loose' as const);
  return {
    delimiter: (delimiter ?? (format === 'csv' ? ',' : '\t')).charCodeAt(0),
    quote: (quote === undefined || quote === 'none' ? QUOTE : quote).charCodeAt(0),
    quoting: quote === undefined ? standard : quote === 'none' ? 'none' : 'strict',
  };
}
