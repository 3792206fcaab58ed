import { counted } from '../../core/counted.js';
import { exceedsRejectFraction } from '../../core/reject-counts.js';
import type { JobEstimate } from '../../engine/job/estimate-job.js';
import { fieldLines } from '../print.js';
import { describeCost } from './describe-cost.js';
import { count } from './progress-line.js';

const VERSION_STATES: Readonly<Record<JobEstimate['versionState'], string>> = {
  new: 'would be made',
  started: 'was begun, and would go on from what is finished',
  complete: 'is complete already; nothing would be done',
};

/** Describes what a job would do, as lines to print. */
export function estimateLines(estimate: JobEstimate): string[] {
  const { job, versionState, input, sample, cost } = estimate;
  const { dataset, version, output } = job.spec;
  const about = sample.isWhole ? '' : 'about ';
  const ignored = Object.values(input.ignored).reduce((sum, value) => sum + value, 0);
  const rejected = estimate.rejects > 0 ? `, and ${about}${counted(estimate.rejects, 'reject')}` : '';
  return [
    `${dataset}@${version} in ${output} ${VERSION_STATES[versionState]}. Nothing was written or started.`,
    ...fieldLines([
      [
        'input',
        `${counted(input.objects, 'object')}, ${counted(input.bytes, 'byte')}; ${count(ignored)} other objects there`,
      ],
      ...parentFields(estimate),
      ['shards', count(estimate.shards)],
      ['documents', `${about}${count(estimate.documents)}${rejected}`],
      [
        'chunks',
        `${about}${count(estimate.chunks)}, ${about}${count(estimate.truncatedChunks)} of them truncated`,
      ],
      ['tokens', `${about}${count(estimate.tokens)}`],
      [
        'vectors',
        `${about}${counted(estimate.vectorBytes, 'byte')}, of ${counted(job.signature.dimensions, 'dimension')}`,
      ],
      ...(cost ? ([['cost', `${about}${describeCost(cost)}`]] as const) : []),
      ['model', `${job.signature.name}, fingerprint ${job.fingerprint.slice(0, 12)}`],
      [
        'sample',
        sample.isWhole
          ? 'the whole corpus'
          : `${counted(sample.documents, 'document')}, from places all over the corpus`,
      ],
    ]),
    ...estimateNotes(estimate).map((note) => `  note: ${note}`),
  ];
}

/** Says what the job would take over, and from where. */
function parentFields({ versionState, parent }: JobEstimate): (readonly [string, string])[] {
  if (versionState === 'complete') return [];
  if (!parent) return [['parent', 'none: everything is embedded']];
  const { version, obstacle, objects } = parent;
  const carried =
    obstacle === null
      ? 'rows of unchanged documents are carried over'
      : `nothing is carried over: ${obstacle}`;
  const named = [['parent', `${version}; ${carried}`]] as const;
  if (!objects) return [...named];
  const { unchanged, changed, added, deleted } = objects;
  const counts = `${count(unchanged)} unchanged, ${count(changed)} changed, ${count(added)} new, ${count(deleted)} gone`;
  return [...named, ['objects', counts]];
}

/** Sentences about what to know before the job is begun. */
export function estimateNotes(estimate: JobEstimate): string[] {
  return [rejectsNote(estimate), deletesNote(estimate)].filter((note) => note !== undefined);
}

function rejectsNote({ job, documents, rejects }: JobEstimate): string | undefined {
  const { rejectShare } = job.spec.limits;
  if (!exceedsRejectFraction(documents, { BAD_JSON: rejects }, rejectShare)) return undefined;
  const percent = ((100 * rejects) / (documents + rejects)).toFixed(1);
  return `${percent}% of the records are rejects, and the job allows ${100 * rejectShare}%: it would stop before it embeds.`;
}

function deletesNote({ parent }: JobEstimate): string | undefined {
  if (!parent?.mayExceedDeletes) return undefined;
  const { documents, documentsOfDeleted } = parent;
  const gone = documentsOfDeleted ?? 0;
  return `${count(gone)} of the ${counted(documents, 'document')} of the parent were in objects that are gone. Unless they lie in other objects now, the job stops with DELETES_EXCEEDED; \`--allow-deletes ${gone}\` allows it.`;
}
