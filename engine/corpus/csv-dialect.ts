import type { CsvSpec } from '../../core/job-spec.js';

/** How the fields of a table's rows are told apart. Characters are bytes of ASCII. */
export interface CsvDialect {
  delimiter: number;
  quote: number;
  /**
   * - `strict`: a quote opens a field and a quote ends it, delimiters and line ends in it included (RFC 4180).
   * - `loose`: a row is a line, and a quote that does not enclose a whole field of it is a character; `CsvRowParser`
   *   says when a field of several lines is taken for one.
   * - `none`: a row is a line, and quotes are characters.
   */
  quoting: 'strict' | 'loose' | 'none';
}

const QUOTE = '"';

/** The dialect of a format, CSV strict and TSV loose, and what a job says otherwise. */
export function csvDialect(format: 'csv' | 'tsv', { quote, delimiter }: CsvSpec = {}): CsvDialect {
  const standard = format === 'csv' ? ('strict' as const) : ('loose' as const);
  return {
    delimiter: (delimiter ?? (format === 'csv' ? ',' : '\t')).charCodeAt(0),
    quote: (quote === undefined || quote === 'none' ? QUOTE : quote).charCodeAt(0),
    quoting: quote === undefined ? standard : quote === 'none' ? 'none' : 'strict',
  };
}
