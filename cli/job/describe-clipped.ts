import type { ClippedValues } from '../../core/clipped-values.js';
import { counted } from '../../core/counted.js';

/**
 * Returns which values of a version are not stored as they were computed, in words: `12 values of 3
 * vectors lie outside the parent's ranges`.
 */
export function describeClipped({ values, rows }: ClippedValues): string {
  const verb = values === 1 ? 'lies' : 'lie';
  return `${counted(values, 'value')} of ${counted(rows, 'vector')} ${verb} outside the parent's ranges`;
}
