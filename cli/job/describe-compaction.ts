import type { CompactionCounts } from '../../core/compaction/compaction-counts.js';
import { counted } from '../../core/counted.js';
import { count } from './progress-line.js';

/**
 * Returns which rows a version moved, in words: `24 parts joined to 2, with 1,200 rows in 2,400,000
 * bytes`.
 */
export function describeCompaction({ parts, joined, rows, bytes }: CompactionCounts): string {
  return `${counted(parts, 'part')} joined to ${count(joined)}, with ${counted(rows, 'row')} in ${counted(bytes, 'byte')}`;
}
