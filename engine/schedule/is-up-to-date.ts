import { canonicalJson } from '../../core/canonical-json.js';
import { isUnchanged } from '../../core/carry/compare-slices.js';
import { EDITIONS, editionsOf, MINING_EDITION } from '../../core/editions.js';
import { isVectormillError } from '../../core/errors.js';
import { indexLayout } from '../../core/index/index-layout.js';
import type { CarriedVersion, InputSpec } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import { miningLayout } from '../../core/mining/mining-layout.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { miningOfNight, type ScheduleRecord } from '../../core/schedule/schedule-record.js';
import type { SliceEntry } from '../../core/slice-entry.js';
import { type Listing, listObjects } from '../corpus/list-objects.js';
import { selectObjects } from '../corpus/select-objects.js';
import { sha256 } from '../files/hash.js';
import { parseIndexManifest } from '../index/read-index-manifest.js';
import type { MiningManifest } from '../mining/finish-mining.js';
import { miningDifferences } from '../mining/mining-identity.js';
import { describeQueryFiles } from '../mining/read-queries.js';
import type { ObjectStore } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { versionOfRef } from '../version/find-parent.js';
import { readJobRecord } from '../version/read-job.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { readListedSlices } from '../version/read-listed-slices.js';
import { parseManifest } from '../version/read-manifest.js';

/**
 * Returns whether a night would make again what the ref names: the objects of the input are those
 * that the parent was read from, and the parent has the triplets and the index of the schedule. The
 * input is listed at most once, and not if `listing` says what it holds. Nothing of it is read, and
 * no model is opened. Records of the parent that are damaged count as others, so that the night
 * says what is wrong with them. Errors: those of the store.
 */
export async function isUpToDate(
  openStore: StoreOpener,
  schedule: ScheduleRecord,
  parent: CarriedVersion,
  listing?: Listing,
): Promise<boolean> {
  const store = openStore(schedule.job.spec.output);
  try {
    return (
      (await isReferenced(store, schedule, parent)) &&
      (await hasIndex(store, schedule, parent)) &&
      (await hasTriplets(openStore, schedule, parent)) &&
      (await isOfSameObjects(openStore, schedule, parent, listing))
    );
  } catch (error) {
    if (isVectormillError(error) && AS_USUAL.some((code) => code === error.code)) return false;
    throw error;
  }
}

/** The codes of what the course of a night finds, too, and then says. */
const AS_USUAL = [
  'FILE_DAMAGED',
  'CHECKSUM_MISMATCH',
  'OBJECT_NOT_FOUND',
  'INPUT_NOT_FOUND',
  'INPUT_EMPTY',
  'INPUT_UNSUPPORTED',
] as const;

/** Returns whether the ref names the parent, which was made under the editions of this release. */
async function isReferenced(
  store: ObjectStore,
  { job: { spec } }: ScheduleRecord,
  { version }: CarriedVersion,
): Promise<boolean> {
  const { dataset, ref } = spec;
  if (ref === 'none' || (await versionOfRef(store, dataset, ref)) !== version) return false;
  const made = editionsOf(await readJobRecord(store, versionLayout(dataset, version).job));
  return canonicalJson(made) === canonicalJson(EDITIONS);
}

async function hasIndex(
  store: ObjectStore,
  { job, index }: ScheduleRecord,
  { version, manifestSha256 }: CarriedVersion,
): Promise<boolean> {
  if (!index) return true;
  const { manifest: key } = indexLayout(job.spec.dataset, version, index.name);
  if (!(await store.head(key))) return false;
  const { request, source } = parseIndexManifest(await store.get(key), key, store);
  return canonicalJson(request) === canonicalJson(index.request) && source.manifestSha256 === manifestSha256;
}

async function hasTriplets(
  openStore: StoreOpener,
  schedule: ScheduleRecord,
  { version, manifestSha256 }: CarriedVersion,
): Promise<boolean> {
  const { mine, job } = schedule;
  if (!mine) return true;
  const spec = miningOfNight(schedule, mine, version);
  const { manifest: key } = miningLayout(spec);
  const store = openStore(spec.output);
  if (!(await store.head(key))) return false;
  // Earlier releases did not record which files of queries they read. Titles are in the version.
  const { job: mined, queryFiles = [] } = await readJsonRecord<MiningManifest>(store, key, 1);
  const { fingerprint } = job;
  const { crossEncoderFingerprint } = mine;
  const wanted: MiningRecord = {
    formatVersion: 1,
    spec,
    fingerprint,
    manifestSha256,
    crossEncoderFingerprint,
    index: null,
  };
  return (
    (mined.edition ?? 1) === MINING_EDITION &&
    miningDifferences(mined, wanted).length === 0 &&
    canonicalJson(await describeQueryFiles(spec.source, openStore)) === canonicalJson(queryFiles)
  );
}

async function isOfSameObjects(
  openStore: StoreOpener,
  { job: { spec } }: ScheduleRecord,
  { version, manifestSha256 }: CarriedVersion,
  listing: Listing | undefined,
): Promise<boolean> {
  const store = openStore(spec.output);
  const { manifest: key } = versionLayout(spec.dataset, version);
  const bytes = await store.get(key);
  const manifest = parseManifest(bytes, `${store.root}/${key}`);
  if (sha256(bytes) !== manifestSha256 || manifest.formatVersion === 1 || !manifest.lists.corpus)
    return false;
  const slices = await readListedSlices(store, manifest.lists.corpus);
  const { input } = spec;
  return areObjectsOf(slices, input, listing ?? (await listObjects({ ...input, openStore })));
}

function areObjectsOf(slices: readonly SliceEntry[], input: InputSpec, listing: Listing): boolean {
  const known = new Map(slices.map((slice) => [slice.uri, slice]));
  const { objects } = selectObjects(listing, input);
  return (
    objects.length === known.size && objects.every((object) => isUnchanged(object, known.get(object.uri)))
  );
}
