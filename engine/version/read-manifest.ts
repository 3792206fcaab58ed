import type { PartFileRef } from '../../core/commit.js';
import type { VectormillError } from '../../core/errors.js';
import { rowKey } from '../../core/ids.js';
import { type VersionLayout, versionLayout } from '../../core/layout.js';
import { type FirstManifest, type Manifest, partsOf, type SecondManifest } from '../../core/manifest.js';
import { type PartFiles, VersionParts } from '../../core/version-parts.js';
import { ColumnMemory } from '../parquet/column-memory.js';
import { readFileListFile } from '../parquet/file-list-file.js';
import {
  joinPartLists,
  type ListedPart,
  type PartList,
  readPartListFile,
} from '../parquet/part-list-file.js';
import {
  joinVectorLists,
  type ListedVectors,
  readVectorListFile,
  type VectorList,
} from '../parquet/vector-list-file.js';
import type { ObjectStore } from '../store/object-store.js';
import { wrongFieldsOf } from './manifest-fields.js';
import { originsOf } from './manifest-origins.js';
import { parseRecordOf, recordDamaged } from './read-json-record.js';
import { readAllPieces } from './read-pieces.js';

/** The files of a version. */
export interface VersionFiles {
  /** The files that hold the rows of the version, and which of their rows are its own. */
  parts: VersionParts;
  rejectFiles: readonly PartFileRef[];
}

/**
 * Reads a manifest of either format. Errors: OBJECT_NOT_FOUND; FILE_DAMAGED, also for a format that
 * this release does not know.
 */
export async function readManifest(store: ObjectStore, key: string): Promise<Manifest> {
  return parseManifest(await store.get(key), `${store.root}/${key}`);
}

/** Parses the bytes of a manifest of either format. Errors: FILE_DAMAGED. */
export function parseManifest(bytes: Uint8Array, file: string): Manifest {
  const manifest = parseRecordOf<Manifest>(bytes, [1, 2], file);
  const wrong = wrongFieldsOf(manifest);
  if (wrong.length === 0) return manifest;
  const fields = wrong.slice(0, FIELDS_SHOWN).map((field) => `\`${field}\``);
  throw recordDamaged(file, `is not what was written: ${fields.join(', ')}`);
}

/** The number of fields that an error names. */
const FIELDS_SHOWN = 5;

/**
 * Returns the files of a version, without reading any of them but the lists. Errors:
 * OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function readVersionFiles(store: ObjectStore, manifest: Manifest): Promise<VersionFiles> {
  if (manifest.formatVersion === 1) return filesOfFirst(manifest);
  const { parts: listedParts, vectors: listedVectors } = await readPartLists(store, manifest);
  const rejectLists = await readAllPieces(store, manifest.lists.rejects, readFileListFile);
  const { layoutOf } = originsOf(store, manifest);
  // Where the last origin is known, so are the others, and no part fails when it is read.
  for (const { length, lastOrigin } of [listedParts, listedVectors]) if (length > 0) layoutOf(lastOrigin);
  return {
    parts: new VersionParts({
      length: listedParts.length,
      at: (place) => partFiles(layoutOf, listedParts.at(place), listedVectors.at(place)),
      liveAt: listedParts.liveAt,
      liveRowsAt: listedParts.liveRowsAt,
      firstKeyAt: listedParts.firstKeyAt,
    }),
    rejectFiles: rejectLists.flat(),
  };
}

/** The lists of the parts of a version, and of their vector files. Both have the same length. */
export interface PartLists {
  parts: PartList;
  vectors: VectorList;
}

/**
 * Reads the lists of the parts of a version. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH,
 * FILE_DAMAGED.
 */
export async function readPartLists(store: ObjectStore, manifest: SecondManifest): Promise<PartLists> {
  const { parts: partPieces, outputs } = manifest.lists;
  const { pieces } = outputs.dense;
  // One list after the other, so that memory holds the buffers of one piece.
  const keeper = new ColumnMemory([...partPieces, ...pieces].reduce((sum, { bytes }) => sum + bytes, 0));
  const parts = joinPartLists(
    await readAllPieces(store, partPieces, (bytes, file) => readPartListFile(bytes, file, keeper)),
  );
  const vectors = joinVectorLists(
    await readAllPieces(store, pieces, (bytes, file) => readVectorListFile(bytes, file, keeper)),
  );
  if (parts.length !== vectors.length) throw unequalLists(store, manifest, parts.length, vectors.length);
  return { parts, vectors };
}

function filesOfFirst(manifest: FirstManifest): VersionFiles {
  return { parts: partsOf(manifest), rejectFiles: manifest.rejectFiles };
}

/** Returns the files of a listed part. `layoutOf` knows the origins of its list. */
export function partFiles(
  layoutOf: (origin: number) => VersionLayout,
  part: ListedPart,
  { origin: vectorOrigin, ...vectors }: ListedVectors,
): PartFiles {
  const { origin, shard, start, end, live, sources, sha256, bytes, tokens } = part;
  const last = sources?.at(-1);
  const rows = {
    start,
    end,
    firstKey: String(rowKey(shard, start)),
    lastKey: String(last ? rowKey(last.shard, last.kept.at(-1)!.end - 1) : rowKey(shard, end - 1)),
  };
  return {
    chunks: { key: chunkKeyOf(layoutOf(origin), part), sha256, bytes, ...rows, tokens },
    vectors: { key: vectorKeyOf(layoutOf(vectorOrigin), part), ...rows, ...vectors, nanCount: 0 },
    live,
    ...(sources && { sources }),
  };
}

/** Returns the key of a listed part's chunk file, by the layout of the version that has it. */
export function chunkKeyOf(layout: VersionLayout, { shard, start, end, sources }: ListedPart): string {
  return (sources ? layout.joinedChunks : layout.chunkPart)(shard, start, end);
}

/** Returns the key of a listed part's vector file, by the layout of the version that has it. */
export function vectorKeyOf(layout: VersionLayout, { shard, start, end, sources }: ListedPart): string {
  return (sources ? layout.joinedVectors : layout.vectorPart)(shard, start, end);
}

function unequalLists(
  store: ObjectStore,
  manifest: Manifest,
  parts: number,
  vectors: number,
): VectormillError {
  const { dataset, version } = manifest;
  const file = `${store.root}/${versionLayout(dataset, version).manifest}`;
  return recordDamaged(file, `lists ${parts} parts and ${vectors} vector files, which must be as many`);
}
