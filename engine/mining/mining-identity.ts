import { canonicalJson } from '../../core/canonical-json.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { isMined } from './checkpoints.js';
import { assertOwnEdition } from './mining-edition.js';
import { miningError } from './mining-errors.js';
import type { Mining } from './open-mining.js';

/**
 * Checks that no other job has claimed the name and, unless its triplets are finished, that no
 * other release has begun it. Errors: VERSION_CONFLICT, EDITION_MISMATCH.
 */
export async function assertSameMining(mining: Mining, record: MiningRecord): Promise<void> {
  const { store, layout } = mining;
  if (!(await store.head(layout.job))) return assertOwnEdition(mining, record);
  const existing = await readJsonRecord<MiningRecord>(store, layout.job, 1);
  assertSameRecord(mining, record, existing);
  if (await isMined(mining)) return;
  assertOwnEdition(mining, existing);
  assertOwnEdition(mining, record);
}

/** Checks that `existing` is the same job as `record`. Errors: VERSION_CONFLICT. */
export function assertSameRecord(
  { store, layout, spec }: Mining,
  record: MiningRecord,
  existing: MiningRecord,
): void {
  const fields = miningDifferences(existing, record);
  if (fields.length === 0) return;
  throw miningError(
    'VERSION_CONFLICT',
    `the triplets ${spec.name} of ${spec.dataset}@${spec.version} were started by a job with other values for: ${fields.join(', ')}`,
    'Give this job a `name` of its own, or restore the values of the first one.',
    `${store.root}/${layout.job}`,
  );
}

/**
 * Returns the names of the values in which two jobs differ. The share of unknown documents that is
 * allowed changes nothing in the result, and is not compared. Where the models are taken from does
 * not either, and the fingerprints say which models they are. Editions are compared only where work
 * is left.
 */
export function miningDifferences(existing: MiningRecord, record: MiningRecord): string[] {
  const membersOf = ({
    spec,
    crossEncoderLock: _,
    edition: __,
    ...others
  }: MiningRecord): Record<string, unknown> => ({
    ...spec,
    ...others,
    // This is absent in jobs of releases that always compared all rows.
    index: others.index ?? null,
    unknownShare: 0,
    models: undefined,
  });
  const [left, right] = [membersOf(existing), membersOf(record)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (name) => canonicalJson({ value: left[name] }) !== canonicalJson({ value: right[name] }),
  );
}
