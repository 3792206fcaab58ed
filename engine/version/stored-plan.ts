import { isVectormillError, VectormillError } from '../../core/errors.js';
import { type PlanState, readPlanState } from '../parquet/plan-file.js';
import type { ObjectStore, WriteCondition } from '../store/object-store.js';

/** A plan as it is stored, or the note in its place that the last one was forgotten. */
export interface StoredPlan extends PlanState {
  bytes: Uint8Array;
  /** The condition under which only what was read is replaced. */
  unchanged: WriteCondition;
}

/** Reads what is stored as a plan. Undefined where there is nothing. Errors: FILE_DAMAGED. */
export async function readStoredPlan(
  store: ObjectStore,
  key: string,
): Promise<Omit<StoredPlan, 'unchanged'> | undefined> {
  try {
    const bytes = await store.get(key);
    return { bytes, ...readPlanState(bytes, `${store.root}/${key}`) };
  } catch (error) {
    if (isVectormillError(error) && error.code === 'OBJECT_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Reads what is stored as a plan, to replace it. Undefined where there is nothing. Errors:
 * FILE_DAMAGED.
 */
export async function readReplaceablePlan(store: ObjectStore, key: string): Promise<StoredPlan | undefined> {
  for (;;) {
    const info = await store.head(key);
    if (!info) return undefined;
    try {
      const bytes = await store.get(key, { ifMatch: info.etag });
      const state = readPlanState(bytes, `${store.root}/${key}`);
      return { bytes, ...state, unchanged: { ifMatch: info.etag } };
    } catch (error) {
      // It is replaced a few times at most: once for each plan that is forgotten.
      const isReplaced =
        isVectormillError(error) && ['INPUT_CHANGED', 'OBJECT_NOT_FOUND'].includes(error.code);
      if (!isReplaced) throw error;
    }
  }
}

/** Returns the error of work by a plan that another run of the job has forgotten. */
export function planForgotten(file: string): VectormillError {
  return new VectormillError(
    'PLAN_FORGOTTEN',
    `${file} is not the plan by which this run worked: another run would delete too much, and forgot that plan`,
    {
      component: 'version',
      file,
      remedy: 'Run the job again, which lists the input anew, and let only one run work on the version.',
    },
  );
}
