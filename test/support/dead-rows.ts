import { versionLayout } from '../../core/layout.js';
import type { ListPiece, SecondManifest } from '../../core/manifest.js';
import type { RowRange } from '../../core/version-parts.js';
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
