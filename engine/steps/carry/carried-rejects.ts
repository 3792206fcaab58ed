import type { KeptRecord } from '../../../core/carry/resolved-documents.js';
import type { PartFileRef } from '../../../core/commit.js';
import { REJECT_CODES, type Reject } from '../../../core/document.js';
import { addRejects, type RejectCounts } from '../../../core/reject-counts.js';
import { fileRowOf } from '../../../core/row-source.js';
import { sha256 } from '../../files/hash.js';
import { readChunkFile } from '../../parquet/chunk-file.js';
import { readFileListFile } from '../../parquet/file-list-file.js';
import { readRejectFile, writeRejectFile } from '../../parquet/reject-file.js';
import type { OpenVersion } from '../../version/open-version.js';
import { readListedFile } from '../../version/read-listed-file.js';
import { readVersionFiles } from '../../version/read-manifest.js';
import { readAllPieces } from '../../version/read-pieces.js';
import { writeOrAdopt } from '../../version/write-or-adopt.js';
import type { CarriedCorpus } from './carried-corpus.js';

/** The records of objects that have not changed, as far as their verdicts matter to rejects. */
export interface KeptVerdicts {
  /** Says of a slice, by its place in the parent's list, whether its object has not changed. */
  isKept(slice: number): boolean;
  /** The records that are rejects no longer. */
  promoted: readonly KeptRecord[];
  /** The records that become rejects, with the keys of the rows that they had. */
  demoted: readonly (KeptRecord & { firstKey: bigint })[];
}

/** Files of fewer bytes than this are small. */
const SMALL_BYTES = 64 * 1024;

/** A version carries over as many small files. Of more, at most `GATHERED` become one. */
const MOST_SMALL_FILES = 8;
const GATHERED = 256;

/**
 * Lists the rejects of the objects that have not changed. Files of the parent of which all rejects
 * stay are listed as they are, unless these are many small ones. The other rejects are written into
 * one file, once. Errors: CHECKSUM_MISMATCH, FILE_DAMAGED, OBJECT_NOT_FOUND.
 */
export async function carryRejects(
  version: OpenVersion,
  parent: CarriedCorpus,
  { isKept, promoted, demoted }: KeptVerdicts,
): Promise<{ rejects: RejectCounts; files: PartFileRef[] }> {
  const { store, layout } = version;
  const keptUris = new Set(parent.slices.filter((_, place) => isKept(place)).map(({ uri }) => uri));
  const placeOf = ({ slice, at }: KeptRecord) => `${at} ${parent.slices[slice]!.uri}`;
  const gone = new Set(promoted.map(placeOf));
  const rejectFiles = (await readAllPieces(store, parent.manifest.lists.rejects, readFileListFile)).flat();
  const whole: PartFileRef[] = [];
  /** The rejects of small files all of which stay. */
  const small = new Map<PartFileRef, readonly Reject[]>();
  const moved: Reject[] = [];
  let counts: RejectCounts = {};
  for (const listed of rejectFiles) {
    const { rejects } = readRejectFile(await readListedFile(store, listed), `${store.root}/${listed.key}`);
    const staying = rejects.filter(
      ({ code, position: { uri, at } }) =>
        keptUris.has(uri) && !(code === 'DUPLICATE_ID' && gone.has(`${at} ${uri}`)),
    );
    counts = countOf(staying, counts);
    if (staying.length < rejects.length) moved.push(...staying);
    else {
      whole.push(listed);
      if (listed.bytes < SMALL_BYTES && small.size < GATHERED) small.set(listed, staying);
    }
  }
  const isGathered = small.size > MOST_SMALL_FILES;
  if (isGathered) for (const staying of small.values()) moved.push(...staying);
  const files = isGathered ? whole.filter((listed) => !small.has(listed)) : whole;
  const docIds = await docIdsOf(version, parent, demoted);
  for (const { slice, at, firstKey } of demoted) {
    const id = docIds.get(firstKey)!;
    const { uri, unit } = parent.slices[slice]!;
    // Its number within the shard is not known, because the shard is not read.
    const position = { uri, unit, at };
    moved.push({ code: 'DUPLICATE_ID', reason: REJECT_CODES.DUPLICATE_ID, position, ordinal: 0, id });
    counts = addRejects(counts, { DUPLICATE_ID: 1 });
  }
  if (moved.length > 0) {
    const key = layout.carriedRejects;
    files.push(
      await writeOrAdopt(store, key, writeRejectFile(moved, {}), {
        describe: (existing) => ({ key, sha256: sha256(existing), bytes: existing.length }),
      }),
    );
  }
  return { rejects: counts, files };
}

/**
 * Returns the documents' ids that rows of the parent have, by the keys of the rows. Each chunk file
 * is read once.
 */
async function docIdsOf(
  { store }: OpenVersion,
  { manifest }: CarriedCorpus,
  rows: readonly { firstKey: bigint }[],
): Promise<Map<bigint, string>> {
  const docIds = new Map<bigint, string>();
  if (rows.length === 0) return docIds;
  const { parts } = await readVersionFiles(store, manifest);
  const keysOf = new Map<string, bigint[]>();
  for (const { firstKey } of rows) {
    const { key } = parts.partOfKey(firstKey)!.chunks;
    const keys = keysOf.get(key) ?? [];
    keys.push(firstKey);
    keysOf.set(key, keys);
  }
  for (const [key, keys] of keysOf) {
    const part = parts.partOfKey(keys[0]!)!;
    const { chunks } = part;
    const file = readChunkFile(await readListedFile(store, chunks), `${store.root}/${key}`);
    for (const rowKey of keys) docIds.set(rowKey, file.rows[fileRowOf(part, rowKey)! - chunks.start]!.docId);
  }
  return docIds;
}

function countOf(rejects: readonly Reject[], counts: RejectCounts): RejectCounts {
  return rejects.reduce((sum, { code }) => addRejects(sum, { [code]: 1 }), counts);
}
