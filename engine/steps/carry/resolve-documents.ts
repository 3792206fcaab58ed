import { type KnownRecord, resolveId } from '../../../core/carry/resolve-id.js';
import type { ComparedDocuments, ResolvedDocuments } from '../../../core/carry/resolved-documents.js';
import { firstShardOf } from '../../../core/job-spec.js';
import type { Shard } from '../../../core/plan.js';
import { packSlices } from '../../../core/plan-shards.js';
import { throwIfStopped } from '../../concurrency/stop.js';
import { writeCarryingPlanFile } from '../../parquet/plan-file.js';
import { createOnce } from '../../version/create-once.js';
import type { OpenVersion } from '../../version/open-version.js';
import type { ScanSummary } from '../id-file.js';
import type { StepRun } from '../step-context.js';
import { assertParentFiles } from './assert-parent-files.js';
import { type CarriedCorpus, carriedCorpus, carriedDocuments } from './carried-corpus.js';
import { joinSorted } from './join-sorted.js';
import { readingParent } from './parent-errors.js';
import { Resolution, readResolved } from './resolution.js';
import { readScanned } from './scanned-file.js';
import { type SliceOrder, sliceOrder } from './slice-order.js';
import { scannedSorter } from './sort-scanned.js';

/**
 * Compares the documents of the parent with those that the scan found, and decides once what
 * becomes of each: whose rows are carried over, what is cut into chunks, and which rows die. Where
 * the first holder of an id has gone and the next one lies in an object that has not changed, that
 * object must be read: it is planned as one more shard, and the comparison is to be called again
 * when that shard was scanned. Memory holds as many scanned documents as are sorted at once, a byte
 * for each scanned record and 12 bytes for each document that has gone. Errors: those of
 * `carriedCorpus` and of `assertParentFiles`.
 */
export function resolveDocuments(
  version: OpenVersion,
  run: StepRun,
): Promise<ComparedDocuments<ResolvedDocuments>> {
  return readingParent(version, () => compareWithParent(version, run));
}

async function compareWithParent(
  version: OpenVersion,
  run: StepRun,
): Promise<ComparedDocuments<ResolvedDocuments>> {
  const { store, layout } = version;
  if (await store.head(layout.resolved)) return { kind: 'resolved', ...(await readResolved(version)) };
  const parent = await carriedCorpus(version);
  if (parent) await assertParentFiles(version, parent);
  const plan = await version.plan();
  if (await isPartlyScanned(version, plan)) return { kind: 'scan-more', shards: plan.length };
  const order = await sliceOrder(version, parent);
  const { summaries, sorter } = await readScans(version, { plan, order }, run);
  const resolution = new Resolution(version, summaries);
  const known = parent ? knownRecords(version, parent, order) : none();
  for await (const { left, right } of joinSorted(known, sorter.sorted(), ({ idHash }) => idHash)) {
    throwIfStopped(run.signal);
    await resolution.add(resolveId(left, right), left);
  }
  if (resolution.rereadPlaces.size > 0 && parent) {
    const shards = await planAgain(version, parent, order, resolution.rereadPlaces);
    return { kind: 'scan-more', shards };
  }
  // Another process may have planned more shards meanwhile.
  const { length: shards } = await version.plan();
  if (shards > plan.length) return { kind: 'scan-more', shards };
  return { kind: 'resolved', ...(await resolution.write(parent, order)) };
}

/**
 * Returns whether more shards were planned and not all of them are scanned yet, because the process
 * that planned them has ended, or is still scanning them.
 */
async function isPartlyScanned({ store, layout }: OpenVersion, plan: readonly Shard[]): Promise<boolean> {
  if (!(await store.head(layout.planAgain))) return false;
  for (const { shard } of plan) if (!(await store.head(layout.scannedDocuments(shard)))) return true;
  return false;
}

async function* none(): AsyncGenerator<KnownRecord> {}

/** Yields the documents of the parent, with the places of their slices in the new version. */
async function* knownRecords(
  version: OpenVersion,
  parent: CarriedCorpus,
  { placeOfParent }: SliceOrder,
): AsyncGenerator<KnownRecord & { parentSlice: number }> {
  for await (const document of carriedDocuments(version, parent))
    yield { ...document, slice: placeOfParent[document.slice], parentSlice: document.slice };
}

/** Reads what the scan of each shard found, once, and sorts the documents. */
async function readScans(
  version: OpenVersion,
  { plan, order }: { plan: readonly Shard[]; order: SliceOrder },
  run: StepRun,
) {
  const { store, layout } = version;
  const summaries: ScanSummary[] = [];
  const sorter = scannedSorter(version, plan.length);
  for (const [index, { shard, slices }] of plan.entries()) {
    throwIfStopped(run.signal);
    const places = slices.map((slice) => order.placeOf(slice));
    await sorter.add(async () => {
      const { summary, documents } = await readScanned(store, layout.scannedDocuments(shard));
      summaries[index] = summary;
      return documents.map((document) => ({ ...document, shard, slice: places[document.slice]! }));
    });
  }
  await sorter.readAdded();
  return { summaries, sorter };
}

/** Plans the objects of some kept slices as more shards, once. Returns the number of all shards. */
async function planAgain(
  version: OpenVersion,
  parent: CarriedCorpus,
  order: SliceOrder,
  places: ReadonlySet<number>,
): Promise<number> {
  const { store, layout, job } = version;
  const plan = await version.plan();
  const uris = new Set([...places].map((place) => order.slices[place]!.slice.uri));
  const kept = (await version.keptSlices()).filter((place) => !uris.has(parent.slices[place]!.uri));
  const slices = parent.slices.filter(({ uri }) => uris.has(uri));
  const firstShard = firstShardOf(job) + plan.length;
  const shards = packSlices(slices, { shardBytes: job.spec.shardBytes, firstShard });
  const file = { shards, kept };
  const bytes = writeCarryingPlanFile(file, parent.slices, { fingerprint: job.fingerprint });
  await createOnce(store, layout.planAgain, bytes);
  return (await version.plan()).length;
}
