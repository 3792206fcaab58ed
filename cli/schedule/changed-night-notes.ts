import type { ScheduleTiming } from '../../core/schedule/schedule-record.js';
import type { ChangedNights } from '../../engine/schedule/changed-nights.js';

/**
 * Sentences about the next night whose time the clocks skip, and about the next whose time they
 * repeat.
 */
export function changedNightNotes(
  { timezone }: ScheduleTiming,
  { skipped, repeated }: ChangedNights,
): string[] {
  const [missing] = skipped;
  const [twice] = repeated;
  return [
    ...(missing
      ? [
          `${clock(missing.local)} does not exist on ${day(missing.local)} in ${timezone}, where the clocks are put forward; that night begins at ${clock(missing.localAt)}, which is ${iso(missing.at)}${later(skipped)}.`,
        ]
      : []),
    ...(twice
      ? [
          `${clock(twice.local)} comes twice on ${day(twice.local)} in ${timezone}, where the clocks are put back; one night begins, a second after the first of them, which is ${iso(twice.at)}${later(repeated)}.`,
        ]
      : []),
  ];
}

function later(nights: readonly { local: Date }[]): string {
  const last = nights.at(-1)!.local.getUTCFullYear();
  return last > nights[0]!.local.getUTCFullYear() ? `, and likewise in later years, up to ${last}` : '';
}

function day(local: Date): string {
  return local.toISOString().slice(0, 10);
}

function clock(local: Date): string {
  const text = local.toISOString().slice(11, 19);
  return text.endsWith(':00') ? text.slice(0, 5) : text;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
