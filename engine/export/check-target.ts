import { isDeepStrictEqual } from 'node:util';
import { VectormillError } from '../../core/errors.js';
import { versionLayout } from '../../core/layout.js';
import { sha256 } from '../files/hash.js';
import { realUriOf } from '../files/real-path.js';
import type { ObjectStore } from '../store/object-store.js';
import { readJsonRecord } from '../version/read-json-record.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { EXPORT_LAYOUT, type ExportRecord } from './export-layout.js';

/** Returns the record of an export of this version. */
export async function exportRecordOf({ store, location }: ReadableVersion): Promise<ExportRecord> {
  const { dataset, version } = location;
  const manifest = await store.get(versionLayout(dataset, version).manifest);
  return { formatVersion: 1, dataset, version, manifestSha256: sha256(manifest) };
}

/**
 * Returns how far an export at a place is. Nothing is written. Errors: OUTPUT_EXISTS where
 * something else is there, USAGE where the place lies in the folder of the dataset.
 */
export async function checkTarget(
  version: ReadableVersion,
  target: ObjectStore,
  record: ExportRecord,
): Promise<'new' | 'started' | 'complete'> {
  await assertOutsideDataset(version, target);
  if (await target.head(EXPORT_LAYOUT.record)) {
    await assertSameExport(target, record);
    return (await target.head(EXPORT_LAYOUT.success)) ? 'complete' : 'started';
  }
  for await (const { key } of target.list(''))
    throw outputTaken(target, `it holds ${key}, and no export that could go on`);
  return 'new';
}

/** Errors: OUTPUT_EXISTS where the record at the place is of another version. */
export async function assertSameExport(target: ObjectStore, record: ExportRecord): Promise<void> {
  const existing = await readJsonRecord<ExportRecord>(target, EXPORT_LAYOUT.record, 1);
  if (isDeepStrictEqual(existing, record)) return;
  throw outputTaken(target, `it holds an export of another version, ${existing.dataset}@${existing.version}`);
}

async function assertOutsideDataset(
  { store, location }: ReadableVersion,
  { root }: ObjectStore,
): Promise<void> {
  const dataset = await realUriOf(`${store.root}/${location.dataset}`);
  if (!`${await realUriOf(root)}/`.startsWith(`${dataset}/`)) return;
  throw new VectormillError('USAGE', `${root} lies in the folder of the dataset ${location.dataset}`, {
    component: 'export',
    file: root,
    remedy: 'Name a place outside of it. Links on the way to it are followed.',
  });
}

function outputTaken({ root }: ObjectStore, why: string): VectormillError {
  return new VectormillError('OUTPUT_EXISTS', `${root} is not empty: ${why}`, {
    component: 'export',
    file: root,
    remedy: 'Name a place that is empty or does not exist.',
  });
}
