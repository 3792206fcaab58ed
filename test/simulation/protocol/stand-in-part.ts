import { VectormillError } from '../../../core/errors.js';
import { rowKey } from '../../../core/ids.js';
import type { ChunkPartFile, VectorPartFile } from '../../../core/part.js';
import { sha256 } from '../../../engine/files/hash.js';

/** A file that stands for a chunk file and a vector file of the same rows. */
interface StandInPart {
  fingerprint: string;
  rows: readonly string[];
  /** Names who computed it, because two computations of the same vectors may differ in bytes. */
  by: string;
}

/** A part of a shard: where it lies, and its rows. */
export interface StandInPlace {
  key: string;
  shard: number;
  /** The number of its first row in the shard. */
  start: number;
  rows: readonly string[];
}

/** Both files of a part, which are one. */
export type StandInFile = ChunkPartFile & VectorPartFile;

/** Returns the bytes of a part, as this process computes them. */
export function computeStandIn(place: StandInPlace, fingerprint: string, by: string): Uint8Array {
  const part: StandInPart = { fingerprint, rows: place.rows, by };
  return Buffer.from(JSON.stringify(part));
}

/** Checks and describes the bytes of a part, whoever wrote them. Errors: PART_CONFLICT. */
export function describeStandIn(bytes: Uint8Array, place: StandInPlace, fingerprint: string): StandInFile {
  const part = JSON.parse(Buffer.from(bytes).toString()) as StandInPart;
  if (part.fingerprint === fingerprint && part.rows.join() === place.rows.join())
    return standInFile(bytes, place);
  throw new VectormillError('PART_CONFLICT', `${place.key} holds other rows`, {
    component: 'simulation',
    remedy: '-',
  });
}

/** Describes the bytes of a part without a check. */
export function standInFile(bytes: Uint8Array, { key, shard, start, rows }: StandInPlace): StandInFile {
  const end = start + rows.length;
  return {
    key,
    sha256: sha256(bytes),
    bytes: bytes.length,
    start,
    end,
    firstKey: String(rowKey(shard, start)),
    lastKey: String(rowKey(shard, end - 1)),
    minNorm: 1,
    maxNorm: 1,
    nanCount: 0,
    tokens: rows.length,
  };
}

/** Returns the rows of a part. */
export function rowsOfStandIn(bytes: Uint8Array): readonly string[] {
  return (JSON.parse(Buffer.from(bytes).toString()) as StandInPart).rows;
}
