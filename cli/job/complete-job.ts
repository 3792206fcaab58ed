import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import { encodingOf, type Manifest } from '../../core/manifest.js';
import { compareInput, type InputDifferences } from '../../engine/corpus/compare-input.js';
import { readPlannedSlices } from '../../engine/parquet/plan-file.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { finishedVersion, standingOf } from '../../engine/version/finished-version.js';
import { readRef } from '../../engine/version/read-ref.js';
import { completeLines, inputLines, type VersionSummary } from './summary.js';

/**
 * The differences between an input and a version's plan, or the reason why they could not be found
 * out.
 */
export type InputFinding = { input: InputDifferences } | { inputUnknown: string };

/**
 * Says that a job's version is complete, and how its input has changed since. Returns false where
 * something is left to do.
 */
export async function printComplete(job: JobRecord, openStore: StoreOpener, json: boolean): Promise<boolean> {
  const store = openStore(job.spec.output);
  const manifest = await finishedVersion(store, job);
  if (!manifest) return false;
  const name = `${job.spec.dataset}@${job.spec.version}`;
  const { dataset, ref } = job.spec;
  const standing = ref === 'none' ? undefined : standingOf(job.spec, await readRef(store, dataset, ref));
  const summary = { ...summaryOf(store, manifest), ...(standing && { standing }) };
  const finding = await findInputDifferences(job, openStore);
  if (json) console.log(JSON.stringify({ job: name, wasComplete: true, ...summary, ...finding }));
  else console.log([...completeLines(name, summary), ...inputFindingLines(name, finding)].join('\n'));
  return true;
}

/**
 * Compares the input with the version's plan. If the input cannot be read, the finished job has
 * still not failed.
 */
export async function findInputDifferences(job: JobRecord, openStore: StoreOpener): Promise<InputFinding> {
  const store = openStore(job.spec.output);
  const { plan } = versionLayout(job.spec.dataset, job.spec.version);
  try {
    const planned = readPlannedSlices(await store.get(plan), `${store.root}/${plan}`);
    return { input: await compareInput(planned, job.spec, openStore) };
  } catch (error) {
    if (!(error instanceof VectormillError)) throw error;
    return { inputUnknown: error.message };
  }
}

export function inputFindingLines(name: string, finding: InputFinding | undefined): string[] {
  if (!finding) return [];
  if ('input' in finding) return inputLines(name, finding.input);
  return [`Whether the input has changed since it was planned cannot be said: ${finding.inputUnknown}`];
}

function summaryOf(store: ObjectStore, manifest: Manifest): VersionSummary {
  const { dataset, version, fingerprint, totals, cost, reused, clipped, changes, compacted, rejects } =
    manifest;
  return {
    manifest: `${store.root}/${versionLayout(dataset, version).manifest}`,
    fingerprint,
    vectorPrecision: encodingOf(manifest).precision,
    totals,
    ...(cost && { cost }),
    ...(reused && { reused }),
    ...(clipped && { clipped }),
    ...(changes && { changes }),
    ...(compacted && { compacted }),
    rejects,
  };
}
