import type { StepReport } from '../../core/schedule/night.js';
import { outcomeLine } from '../gc/gc-lines.js';
import { describeChanges } from '../job/describe-changes.js';
import { count, duration } from '../job/progress-line.js';
import { fieldLines } from '../print.js';
import { isUnfinished } from './continue-night.js';
import type { NightObservation } from './observe-night.js';
import type { ScheduleObservation } from './observe-schedule.js';

/** Describes a schedule and its last night, as lines to print. */
export function scheduleLines(schedule: ScheduleObservation): string[] {
  const { paused, note, next, missed, skipped, last, timing } = schedule;
  const lines = [
    `${schedule.schedule}: ${schedule.dataset} in ${schedule.output}`,
    ...fieldLines([
      ['nights', `${timing.cron.join(' and ')}, ${timing.timezone}`],
      ['next', paused ? 'none while it is paused' : (next ?? 'none: no further time is named')],
      ...(paused ? ([['paused', note ?? 'without a word']] as const) : []),
      ...(missed > 0 ? ([['missed', `${count(missed)}, for longer than the catch-up window`]] as const) : []),
      ...(skipped > 0 ? ([['skipped', `${count(skipped)}, because others ran and waited`]] as const) : []),
    ]),
  ];
  if (!last) return [...lines, 'No night yet; `vectormill schedule trigger` starts one now.'];
  return [...lines, ...nightLines(schedule, last), ...adviceLines(schedule, last)];
}

/**
 * Describes what a night did or does, as lines to print. `called` is its name in the first of them.
 */
export function nightLines(
  { dataset, ref }: Pick<ScheduleObservation, 'dataset' | 'ref'>,
  last: NightObservation,
  called = 'last night',
): string[] {
  const { night, failure, state, lineage, embedding } = last;
  const at = failure?.step ? ` at ${failure.step}` : '';
  const job = night ? `${dataset}@${night.version}` : last.workflowId;
  const took = duration(last.tookMs);
  const changes = nightChanges(last);
  const isVersionless = state === 'empty' || state === 'unchanged';
  return [
    `${called}: ${isVersionless ? 'no version' : job}, ${STATES[state]}${at}`,
    ...fieldLines([
      ['scheduled', last.scheduledAt],
      ['started', `${last.startedAt}, ${state === 'running' ? `${took} ago` : `took ${took}`}`],
      ...(isVersionless ? [] : (night?.steps ?? [])).map((step): [string, string] => [
        step.step,
        stepLine(step, embedding),
      ]),
      ...(changes ? ([['changes', changes]] as const) : []),
      ...(night && state !== 'empty' ? ([['parent', night.parent ?? '–']] as const) : []),
      ['ref', refLine(ref, last)],
      ...(night?.collection ? ([['retention', outcomeLine(dataset, night.collection)]] as const) : []),
      ...(lineage ? ([['lineage', lineage]] as const) : []),
    ]),
    ...(failure ? [`${failure.code}: ${failure.message}`, `  → ${failure.remedy}`] : []),
  ];
}

/** The counts of a step that the line about changes says. */
const IN_CHANGES: ReadonlySet<string> = new Set(['added', 'changed', 'deleted', 'carried', 'computed']);

/** Returns what a night changed, in words. Undefined where it carried nothing over. */
export function nightChanges({ night }: NightObservation): string | undefined {
  const { added, changed, deleted, carried, computed } =
    night?.steps.find(({ step }) => step === 'embed')?.counts ?? {};
  if (added === undefined || changed === undefined || deleted === undefined) return undefined;
  return describeChanges({ added, changed, deleted, carried: carried ?? 0 }, computed ?? 0);
}

const STATES: Readonly<Record<NightObservation['state'], string>> = {
  running: 'running',
  complete: 'complete',
  superseded: 'complete',
  held: 'complete',
  unreferenced: 'complete',
  empty: 'nothing to embed yet',
  unchanged: 'nothing has changed',
  failed: 'failed',
  cancelled: 'cancelled',
  terminated: 'terminated',
  timed_out: 'timed out',
};

function stepLine(
  { state, counts, startedAt, finishedAt, step }: StepReport,
  embedding: string | null,
): string {
  if (state === 'running') return embedding && step === 'embed' ? embedding : 'running';
  if (state === 'waiting') return 'not started';
  const took = startedAt !== null && finishedAt !== null ? ` (${duration(finishedAt - startedAt)})` : '';
  const counted = Object.entries(counts)
    .filter(([name]) => !IN_CHANGES.has(name))
    .map(([name, value]) => `${name === 'recall' ? value.toFixed(4) : count(value)} ${name}`);
  return `${state}${took}${counted.length > 0 ? `: ${counted.join(', ')}` : ''}`;
}

function refLine(ref: string, { state, night }: NightObservation): string {
  switch (state) {
    case 'complete':
      return `${ref} → ${night?.version}`;
    case 'superseded':
      return `${ref} was moved since this night began, and stays`;
    case 'held':
      return `${ref} is held, and stays; \`vectormill refs release\` ends that`;
    case 'unreferenced':
      return 'none is moved';
    default:
      return `${ref} stays${night?.parent ? ` → ${night.parent}` : ''}`;
  }
}

/** Says what to do after a night that did not end well, or while the schedule is paused. */
function adviceLines(
  { schedule, paused, canContinue }: ScheduleObservation,
  last: NightObservation,
): string[] {
  const resume = `\`vectormill schedule resume ${schedule}`;
  if (!isUnfinished(last)) return paused ? [`${resume}\` lets nights begin again.`] : [];
  const another = `\`vectormill schedule trigger ${schedule}\` begins another`;
  if (!paused) return [canContinue ? `${resume} --continue\` goes on with this one.` : `${another}.`];
  return [
    `${resume}\` lets nights begin again; ${canContinue ? 'with --continue this one goes on first, under its version' : another}.`,
  ];
}
