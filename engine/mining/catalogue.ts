import type { Manifest } from '../../core/manifest.js';
import type { Split } from '../../core/mining/split-documents.js';
import { readVectorFile } from '../parquet/vector-file.js';
import { readListedFile } from '../steps/read-listed-file.js';
import { throwIfStopped } from '../steps/stop.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { MiningRun } from './open-mining.js';
import { TextSet } from './text-set.js';

/** What `sides.bin` holds for a chunk: which queries it may be a candidate for. */
export const SIDE = {
  train: 0,
  dev: 1,
  /** It repeats the text of an earlier chunk, and is a candidate for none. */
  repeated: 255,
} as const satisfies Record<Split | 'repeated', number>;

export interface CatalogueRequest {
  /** Whether a document's rows are wanted. */
  wantsDocument(documentId: string): boolean;
  /** Whether the row of a text is wanted, by its sha256 in hex. */
  wantsText(sha256: string): boolean;
}

/** A version's chunks by row: a chunk's number over all vector files, from 0. */
export interface Catalogue {
  /** A `SIDE` a row; all that repeat nothing are of `train`. */
  sides: Uint8Array;
  distinctRows: number;
  /** Rows of each wanted document, and of each document that has a wanted text. */
  rowsOfDocument: ReadonlyMap<string, readonly number[]>;
  /** First row of each wanted text. */
  rowOfText: ReadonlyMap<string, { row: number; documentId: string }>;
}

/** First row of each vector file. */
export function fileStartsOf({ vectorFiles }: Pick<Manifest, 'vectorFiles'>): number[] {
  let row = 0;
  return vectorFiles.map(({ start, end }) => {
    row += end - start;
    return row - (end - start);
  });
}

/** Reads every vector file once. Errors: CHECKSUM_MISMATCH, FILE_DAMAGED, OBJECT_NOT_FOUND, CANCELLED. */
export async function readCatalogue(
  version: ReadableVersion,
  { wantsDocument, wantsText }: CatalogueRequest,
  run: MiningRun,
): Promise<Catalogue> {
  const rows = version.manifest.vectorFiles.reduce((sum, { start, end }) => sum + end - start, 0);
  const sides = new Uint8Array(rows);
  const known = new TextSet(rows);
  const rowsOfDocument = new Map<string, number[]>();
  const rowOfText = new Map<string, { row: number; documentId: string }>();
  let distinctRows = 0;
  // A document's chunks follow one another, also from one file into the next.
  let rowsInHand: number[] = [];
  let documentInHand: string | undefined;
  for await (const { row, documentId, sha256 } of rowsOf(version, run)) {
    if (known.add(sha256)) distinctRows += 1;
    else sides[row] = SIDE.repeated;
    if (documentId !== documentInHand) {
      documentInHand = documentId;
      rowsInHand = [];
    }
    rowsInHand.push(row);
    const isNamed = wantsText(sha256) && !rowOfText.has(sha256);
    if (isNamed) rowOfText.set(sha256, { row, documentId });
    if (isNamed || wantsDocument(documentId)) rowsOfDocument.set(documentId, rowsInHand);
  }
  return { sides, distinctRows, rowsOfDocument, rowOfText };
}

/** Marks the chunks of dev documents in `sides`. Errors: as `readCatalogue`. */
export async function assignSides(
  version: ReadableVersion,
  sides: Uint8Array,
  splitOf: (documentId: string) => Split,
  run: MiningRun,
): Promise<void> {
  for await (const { row, documentId } of rowsOf(version, run))
    if (sides[row] !== SIDE.repeated) sides[row] = SIDE[splitOf(documentId)];
}

async function* rowsOf(
  { store, manifest }: ReadableVersion,
  { signal, onProgress }: MiningRun,
): AsyncGenerator<{ row: number; documentId: string; sha256: string }> {
  let row = 0;
  for (const [index, file] of manifest.vectorFiles.entries()) {
    throwIfStopped(signal);
    const bytes = await readListedFile(store, file);
    const { docIds, textSha256 } = readVectorFile(bytes, `${store.root}/${file.key}`);
    for (const [place, documentId] of docIds.entries()) {
      yield { row, documentId, sha256: textSha256[place]! };
      row += 1;
    }
    onProgress(index + 1, manifest.vectorFiles.length);
  }
}
