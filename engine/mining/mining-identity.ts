import { canonicalJson } from '../../core/canonical-json.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { miningError } from './mining-errors.js';
import type { Mining } from './open-mining.js';

/** Errors: VERSION_CONFLICT where another job has claimed the name. */
export async function assertSameMining(mining: Mining, record: MiningRecord): Promise<void> {
  const { store, layout } = mining;
  if (await store.head(layout.job))
    assertSameRecord(mining, record, await readJsonRecord<MiningRecord>(store, layout.job, 1));
}

/** Errors: VERSION_CONFLICT where `standing` is not the same job as `record`. */
export function assertSameRecord(
  { store, layout, spec }: Mining,
  record: MiningRecord,
  standing: MiningRecord,
): void {
  const fields = differingFields(standing, record);
  if (fields.length === 0) return;
  throw miningError(
    'VERSION_CONFLICT',
    `the triplets ${spec.name} of ${spec.dataset}@${spec.version} were started by a job with other values for: ${fields.join(', ')}`,
    'Give this job a `name` of its own, or restore the values of the first one.',
    `${store.root}/${layout.job}`,
  );
}

/** The names of what two jobs differ in; how many unknown documents are borne changes nothing of the result. */
function differingFields(standing: MiningRecord, record: MiningRecord): string[] {
  const membersOf = ({ spec, ...others }: MiningRecord): Record<string, unknown> => ({
    ...spec,
    ...others,
    // Absent in jobs of releases that compared with all rows alone.
    index: others.index ?? null,
    unknownShare: 0,
  });
  const [left, right] = [membersOf(standing), membersOf(record)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (name) => canonicalJson({ value: left[name] }) !== canonicalJson({ value: right[name] }),
  );
}
