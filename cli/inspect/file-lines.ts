import type { FileDescription } from '../../engine/parquet/describe-file.js';
import { count } from '../job/progress-line.js';
import { fieldLines, oneLine } from '../print.js';

/** The description of a Parquet file as lines for a person. */
export function fileLines(description: FileDescription): string[] {
  const { file, bytes, rows, rowGroups, columns, footer, ids } = description;
  const sections = [
    file,
    ...fieldLines([
      ['rows', count(rows)],
      ['row groups', count(rowGroups)],
      ['bytes', count(bytes)],
    ]),
    'columns',
    ...fieldLines(
      columns.map(({ name, type, nullable }) => [oneLine(name), `${type}${nullable ? '?' : ''}`]),
    ),
  ];
  const entries = Object.entries(footer);
  if (entries.length > 0) {
    sections.push('footer', ...fieldLines(entries.map(([key, value]) => [oneLine(key), oneLine(value)])));
  }
  if (ids && ids.first.length > 0) {
    sections.push(`first values of ${ids.column}`, ...ids.first.map((id) => `  ${oneLine(id)}`));
  }
  return sections;
}
