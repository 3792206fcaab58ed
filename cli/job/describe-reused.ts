import { counted } from '../../core/counted.js';
import type { ReusedTotals } from '../../core/manifest.js';
import { lentRows } from '../../core/reused-rows.js';

/**
 * Returns where vectors came from that were not computed, in words: `1,234 vectors (1,000 carried
 * over, 200 of handbook@2026-10, 34 of repeated texts); 20 were computed; what was lent takes
 * 307,200 bytes`.
 */
export function describeReused(reused: ReusedTotals): string {
  const { carried, lent, repeated, computed, lentBytes } = reused;
  const some = (rows: number, where: string) =>
    rows === 0 ? [] : [`${rows.toLocaleString('en-US')} ${where}`];
  const places = [
    ...some(carried, 'carried over'),
    ...Object.entries(lent).flatMap(([name, rows]) => some(rows, `of ${name}`)),
    ...some(repeated, 'of repeated texts'),
  ];
  const all = carried + lentRows(reused) + repeated;
  const rest = computed === 0 ? 'none was computed' : `${counted(computed, 'was', 'were')} computed`;
  const taken = lentBytes > 0 ? `; what was lent takes ${counted(lentBytes, 'byte')}` : '';
  return `${counted(all, 'vector')} (${places.join(', ')}); ${rest}${taken}`;
}
