import type { VersionChanges } from '../../core/carry/version-changes.js';
import { counted } from '../../core/counted.js';
import { count } from './progress-line.js';

/**
 * Returns what a version changed of its parent, in words: `3 documents added, 2 changed, 1 deleted,
 * 4,995 carried over; 12 chunks computed`.
 */
export function describeChanges(
  { added, changed, deleted, carried }: VersionChanges,
  computed: number,
): string {
  const kept = `${count(changed)} changed, ${count(deleted)} deleted, ${count(carried)} carried over`;
  return `${counted(added, 'document')} added, ${kept}; ${counted(computed, 'chunk')} computed`;
}
