import type { VersionLocation } from '../../../core/job-spec.js';
import { versionLayout } from '../../../core/layout.js';
import { writeForgottenPlan, writeKeptPlan } from '../../parquet/plan-file.js';
import type { ObjectStore } from '../../store/object-store.js';
import type { OpenVersion } from '../../version/open-version.js';
import { planForgotten, readReplaceablePlan } from '../../version/stored-plan.js';

/**
 * Forgets the plan of a version, so that the next run lists the input again. What was scanned by it
 * stays where it is, and no other plan finds it there, however late it is written. A plan that is
 * kept stays, as does one by which something was cut, and another plan than the one by which this
 * run worked.
 */
export async function forgetPlan(
  store: ObjectStore,
  { dataset, version, forgottenPlans }: VersionLocation,
): Promise<void> {
  const layout = versionLayout(dataset, version);
  // Runs of older releases cut without keeping the plan.
  for (const prefix of layout.cutPrefixes) for await (const _ of store.list(prefix)) return;
  const stored = await readReplaceablePlan(store, layout.plan);
  if (stored?.state !== 'open' || stored.forgottenPlans !== (forgottenPlans ?? 0)) return;
  // If this is refused, another run has kept or forgotten it.
  const note = writeForgottenPlan(stored.forgottenPlans + 1);
  await store.put(layout.plan, note, { condition: stored.unchanged });
}

/**
 * Keeps the plan of a version for good, before anything is cut by it. Whoever would forget it from
 * now on does not. Errors: PLAN_FORGOTTEN if it is forgotten already.
 */
export async function keepPlan(version: OpenVersion): Promise<void> {
  const { store, layout, forgottenPlans } = version;
  const file = `${store.root}/${layout.plan}`;
  for (;;) {
    const stored = await readReplaceablePlan(store, layout.plan);
    if (!stored || stored.state === 'forgotten' || stored.forgottenPlans !== forgottenPlans)
      throw planForgotten(file);
    if (stored.state === 'kept') return;
    const bytes = writeKeptPlan(stored.bytes, file);
    if ((await store.put(layout.plan, bytes, { condition: stored.unchanged })).outcome === 'written') return;
  }
}
