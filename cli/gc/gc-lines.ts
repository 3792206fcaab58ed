import { counted } from '../../core/counted.js';
import type { CollectionResult } from '../../core/retention/collection.js';
import type { RetainedVersion } from '../../core/retention/decide-retention.js';
import { describeOwner, type Pin } from '../../core/retention/pin.js';
import type { CollectionForecast } from '../../engine/retention/collect.js';
import { count } from '../job/progress-line.js';
import { columns } from '../print.js';

/** Says of each version why it is kept, or that it goes, and what would be freed. */
export function forecastLines(
  dataset: string,
  { versions, deleting, unneeded }: CollectionForecast,
  pins: readonly Pin[],
): string[] {
  if (versions.length === 0 && deleting.length === 0) return [`${dataset} has no versions.`];
  const going = versions.filter(({ keptBy }) => keptBy.length === 0).length;
  const { files, bytes } = unneeded;
  return [
    ...columns(versions.map(versionCells)),
    ...(deleting.length > 0 ? [`being deleted: ${deleting.join(', ')}`] : []),
    ...pins.map(
      ({ job, versions: pinned, owner }) =>
        `the job ${job} of ${describeOwner(owner)} needs ${pinned.join(', ')}; --release ${job} ends that`,
    ),
    `${counted(going, 'version')} of ${versions.length} would go, with ${counted(files, 'object')} (${count(bytes)} bytes) that no other lists`,
    'Nothing was deleted: --delete does it.',
  ];
}

function versionCells({ version, finishedAt, files, bytes, keptBy }: RetainedVersion): string[] {
  const state = finishedAt === undefined ? 'not finished' : new Date(finishedAt).toISOString();
  const why = keptBy.length > 0 ? `kept by ${keptBy.join(', ')}` : 'would go';
  return [version, state, counted(files, 'object'), `${count(bytes)} bytes`, why];
}

/** Says what a collection did, or why it did nothing. */
export function outcomeLine(dataset: string, outcome: CollectionResult): string {
  if (outcome.outcome === 'failed')
    return `the old versions of ${dataset} were not deleted (${outcome.code}): ${outcome.message}; \`vectormill gc ${dataset}\` says more`;
  if (outcome.outcome === 'nothing') return `${dataset} has nothing to delete.`;
  if (outcome.outcome === 'waiting') {
    const { retire, until } = outcome;
    const when = new Date(until).toISOString();
    return `${retire.join(', ')} of ${dataset} can be deleted from ${when} on, when readers have had their time; the same command then does it.`;
  }
  const { deleted, kept, files, bytes } = outcome.report;
  const went = deleted.length > 0 ? deleted.join(', ') : 'no version';
  const stayed = kept.length > 0 ? `; ${kept.join(', ')} stayed, because somebody needs it` : '';
  return `${dataset}: deleted ${went}, ${counted(files, 'object')} (${count(bytes)} bytes)${stayed}`;
}
