import { splitRowKey } from '../../core/ids.js';
import { versionLayout } from '../../core/layout.js';
import type { FirstManifest, ListPiece, SecondManifest } from '../../core/manifest.js';
import type { RowRange } from '../../core/row-ranges.js';
import { type LivePart, type PartFiles, rowsIn } from '../../core/version-parts.js';
import { sha256 } from '../../engine/files/hash.js';
import { type ListedPart, readPartListFile, writePartListFile } from '../../engine/parquet/part-list-file.js';
import {
  type ListedVectors,
  readVectorListFile,
  writeVectorListFile,
} from '../../engine/parquet/vector-list-file.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { encodeJson } from '../../engine/version/create-once.js';
import { readManifest } from '../../engine/version/read-manifest.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';

/**
 * Rewrites the lists of a version so that only some rows of its parts live, as in a version that
 * shares files with an earlier one. `liveOf` returns the ranges of live rows of the part at a
 * place; a part without any leaves the version.
 */
export async function keepRows(
  store: ObjectStore,
  { dataset, version }: { dataset: string; version: string },
  liveOf: (part: ListedPart, place: number) => readonly RowRange[],
): Promise<void> {
  const layout = versionLayout(dataset, version);
  const manifest = (await readManifest(store, layout.manifest)) as SecondManifest;
  const [partPiece, vectorPiece] = [manifest.lists.parts[0]!, manifest.lists.outputs.dense.pieces[0]!];
  const parts = readPartListFile(await store.get(partPiece.key), partPiece.key);
  const vectors = readVectorListFile(await store.get(vectorPiece.key), vectorPiece.key);
  const kept: { part: ListedPart; vectors: ListedVectors }[] = [];
  for (let place = 0; place < parts.length; place += 1) {
    const part = parts.at(place);
    const live = liveOf(part, place);
    if (live.length > 0) kept.push({ part: { ...part, live }, vectors: vectors.at(place) });
  }
  const footer = { dataset, version };
  const rewrite = async ({ key }: ListPiece, bytes: Uint8Array): Promise<ListPiece> => {
    await store.put(key, bytes);
    return { key, sha256: sha256(bytes), bytes: bytes.length, rows: kept.length };
  };
  const { lists } = manifest;
  const { dense } = lists.outputs;
  const partBytes = writePartListFile(
    kept.map(({ part }) => part),
    footer,
  );
  const vectorBytes = writeVectorListFile(
    kept.map(({ vectors: listed }) => listed),
    footer,
  );
  const rewritten: SecondManifest = {
    ...manifest,
    lists: {
      ...lists,
      parts: [await rewrite(partPiece, partBytes)],
      outputs: { dense: { ...dense, pieces: [await rewrite(vectorPiece, vectorBytes)] } },
    },
  };
  await store.put(layout.manifest, encodeJson(rewritten));
}

/**
 * Rewrites the manifest of a version so that it also lists rows of its parent, as a version that
 * carries them over does, before its own parts. `liveOf` returns the rows of a part of the parent
 * that live on. The shards of the version must have higher numbers than the parent's.
 */
export async function carryRows(
  { store, location, manifest, parts }: ReadableVersion,
  parent: ReadableVersion,
  liveOf: (part: LivePart, place: number) => readonly RowRange[],
): Promise<ReadableVersion> {
  const { dataset, version } = location;
  const layout = versionLayout(dataset, version);
  const carried = [...parent.parts].map((part, place): PartFiles => ({ ...part, live: liveOf(part, place) }));
  const all = [...carried, ...parts].filter(({ live }) => rowsIn(live) > 0);
  const originOf = ({ key }: { key: string }) => /\/versions\/([^/]+)\//.exec(key)![1]!;
  const origins = [...new Set(all.flatMap(({ chunks, vectors }) => [originOf(chunks), originOf(vectors)]))];
  const shardOf = ({ vectors }: PartFiles) => splitRowKey(BigInt(vectors.firstKey)).shard;
  const footer = { dataset, version };
  const write = async (name: string, bytes: Uint8Array): Promise<ListPiece> => {
    const key = `${layout.prefix}/lists/carried-${name}.parquet`;
    await store.put(key, bytes);
    return { key, sha256: sha256(bytes), bytes: bytes.length, rows: all.length };
  };
  const listedParts = all.map((part): ListedPart => {
    const { chunks, live } = part;
    return { ...chunks, live, shard: shardOf(part), origin: origins.indexOf(originOf(chunks)) };
  });
  const listedVectors = all.map(
    ({ vectors }): ListedVectors => ({ ...vectors, origin: origins.indexOf(originOf(vectors)) }),
  );
  const { chunkFiles, vectorFiles, rejectFiles, ...fields } = manifest as FirstManifest;
  const dense = await write('dense', writeVectorListFile(listedVectors, footer));
  const chunks = all.reduce((sum, { live }) => sum + rowsIn(live), 0);
  const rewritten: SecondManifest = {
    ...fields,
    formatVersion: 2,
    parent: parent.location.version,
    totals: { ...fields.totals, chunks },
    origins,
    nextShard: 1 + Math.max(...all.map(shardOf)),
    lists: {
      parts: [await write('parts', writePartListFile(listedParts, footer))],
      outputs: { dense: { fingerprint: fields.fingerprint, pieces: [dense] } },
      rejects: [],
    },
  };
  await store.put(layout.manifest, encodeJson(rewritten));
  return resolveVersion(store, { dataset, selector: version });
}

/** Returns the rows from `start` to `end` for which `lives` says so, as ranges. */
export function rangesWhere(start: number, end: number, lives: (row: number) => boolean): RowRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (let row = start; row < end; row += 1) {
    if (!lives(row)) continue;
    const last = ranges.at(-1);
    if (last?.end === row) last.end = row + 1;
    else ranges.push({ start: row, end: row + 1 });
  }
  return ranges;
}
