import { EDITIONS, editionsOf } from '../../core/editions.js';
import type { JobRecord } from '../../core/job-spec.js';
import { refKey, versionLayout } from '../../core/layout.js';
import type { RefRecord } from '../../core/ref.js';
import type { OpenedNight } from '../../core/schedule/night.js';
import type { JobTemplate } from '../../core/schedule/schedule-record.js';
import { planCorpus } from '../corpus/plan-corpus.js';
import type { StoreOpener } from '../store/store-cache.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { isNotFound } from './prepare-schedule.js';

/**
 * Finds what a night begins with. A night that was already begun keeps its parent. If the input is
 * empty but a version exists, the plan will refuse it, because a bucket that was emptied is
 * probably an accident.
 * Errors: those of the store and of `planCorpus`.
 */
export async function openNight(
  openStore: StoreOpener,
  { spec }: JobTemplate,
  version: string,
): Promise<OpenedNight> {
  const store = openStore(spec.output);
  const { job } = versionLayout(spec.dataset, version);
  if (await store.head(job)) {
    const begun = await readJsonRecord<JobRecord>(store, job, 1);
    return { parent: begun.parent, editions: editionsOf(begun), isEmpty: false };
  }
  const key = refKey(spec.dataset, spec.ref);
  if (spec.ref !== 'none' && (await store.head(key)))
    return {
      parent: (await readJsonRecord<RefRecord>(store, key, 1)).version,
      editions: EDITIONS,
      isEmpty: false,
    };
  const isEmpty = await planCorpus(spec.input, { shardBytes: spec.shardBytes, openStore }).then(
    () => false,
    (error: unknown) => {
      if (isNotFound(error)) return true;
      throw error;
    },
  );
  return { parent: null, editions: EDITIONS, isEmpty };
}
