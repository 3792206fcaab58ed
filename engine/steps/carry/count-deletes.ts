import { BUCKETS, bucketRanges } from '../../../core/buckets.js';
import type { DeletedDocuments } from '../../../core/carry/resolved-documents.js';
import { versionLayout } from '../../../core/layout.js';
import { throwIfStopped } from '../../concurrency/stop.js';
import { readDocumentListFile } from '../../parquet/document-list-file.js';
import type { OpenVersion } from '../../version/open-version.js';
import { readListedSlices } from '../../version/read-listed-slices.js';
import { readManifest } from '../../version/read-manifest.js';
import { readPieces } from '../../version/read-pieces.js';
import { idFilesOf } from '../find-duplicates.js';
import type { StepRun } from '../step-context.js';
import { foldersOf } from './deleted-folders.js';
import { readingParent } from './parent-errors.js';

/**
 * Counts the documents of the parent whose ids a corpus that was scanned as a whole does not have
 * any more. Undefined without a parent, and for one that lists no documents. `ids` is the number of
 * scanned ids, of which memory holds one range; `groupSize` is as in `findDuplicates`. Errors:
 * OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export function countDeletes(
  version: OpenVersion,
  scanned: ScannedIds,
  run: StepRun,
): Promise<DeletedDocuments | undefined> {
  return readingParent(version, () => countInRanges(version, scanned, run));
}

/** The ids of a corpus that was scanned as a whole. */
interface ScannedIds {
  ids: number;
  groupSize?: number | undefined;
}

async function countInRanges(
  version: OpenVersion,
  { ids, groupSize }: ScannedIds,
  run: StepRun,
): Promise<DeletedDocuments | undefined> {
  const { store, job } = version;
  if (job.parent === null) return undefined;
  const { manifest: key } = versionLayout(job.spec.dataset, job.parent);
  if (!(await store.head(key))) return undefined;
  const manifest = await readManifest(store, key);
  const lists = manifest.formatVersion === 2 ? manifest.lists.corpus : undefined;
  if (!lists) return undefined;
  const ranges = bucketRanges(ids);
  let range = 0;
  let seen = await idsIn(version, { range: ranges[0]!, groupSize });
  let known = 0;
  let deleted = { documents: 0, chunks: 0 };
  const ofSlices = new Map<number, number>();
  for await (const documents of readPieces(store, lists.documents, readDocumentListFile)) {
    throwIfStopped(run.signal);
    for (const document of documents) {
      if (document.firstKey === undefined) continue;
      known += 1;
      const bucket = Number.parseInt(document.idHash.slice(0, 2), 16);
      while (bucket >= (ranges[range]?.to ?? BUCKETS)) {
        range += 1;
        seen = await idsIn(version, { range: ranges[range]!, groupSize });
      }
      if (seen.has(Buffer.from(document.idHash, 'hex').toString('latin1'))) continue;
      deleted = { documents: deleted.documents + 1, chunks: deleted.chunks + document.chunks };
      ofSlices.set(document.slice, (ofSlices.get(document.slice) ?? 0) + 1);
    }
  }
  const slices = deleted.documents > 0 ? await readListedSlices(store, lists) : [];
  return { known, deleted, deletedBelow: foldersOf(ofSlices, slices) };
}

/** Reads the hashes of the ids of a range of buckets. */
async function idsIn(
  version: OpenVersion,
  { range, groupSize }: { range: { from: number; to: number }; groupSize: number | undefined },
): Promise<Set<string>> {
  const seen = new Set<string>();
  for (const read of await idFilesOf(version, range, groupSize))
    for (const { hash } of await read()) seen.add(hash);
  return seen;
}
