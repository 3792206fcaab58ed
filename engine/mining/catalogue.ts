import { compareIds } from '../../core/ids.js';
import type { Split } from '../../core/mining/split-documents.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { sha256 } from '../files/hash.js';
import { readLiveVectors } from '../version/live-rows.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { MiningRun } from './open-mining.js';
import { TextSet } from './text-set.js';

/**
 * The values of `sides.bin`, one for each chunk: the queries of which side it may be a candidate
 * for.
 */
export const SIDE = {
  train: 0,
  dev: 1,
  /**
   * Another chunk represents the same text (`TextSet`), and this one is not a candidate for any
   * query.
   */
  repeated: 255,
} as const satisfies Record<Split | 'repeated', number>;

export interface CatalogueRequest {
  /** Returns whether a document's rows are wanted. */
  wantsDocument(documentId: string): boolean;
  /** Returns whether the row of a text is wanted, by the text's SHA-256 in hex. */
  wantsText(sha256: string): boolean;
}

/** A version's chunks by row. A chunk's row is its number over all vector files, from 0. */
export interface Catalogue {
  /** A value of `SIDE` for each row. All that represent a text are on the `train` side. */
  sides: Uint8Array;
  distinctRows: number;
  /** The rows of each wanted document, and of each document that has a wanted text. */
  rowsOfDocument: ReadonlyMap<string, readonly number[]>;
  /** A value for each of the same documents, which is equal for documents of equal texts. */
  contentOfDocument: ReadonlyMap<string, string>;
  /** The row of each wanted text; of several, the one with the lowest chunk id. */
  rowOfText: ReadonlyMap<string, { row: number; documentId: string }>;
}

/**
 * Reads every vector file once. Errors: CHECKSUM_MISMATCH, FILE_DAMAGED, OBJECT_NOT_FOUND,
 * CANCELLED.
 */
export async function readCatalogue(
  version: ReadableVersion,
  { wantsDocument, wantsText }: CatalogueRequest,
  run: MiningRun,
): Promise<Catalogue> {
  const { rows } = version.parts;
  const sides = new Uint8Array(rows);
  const known = new TextSet(rows);
  const rowsOfDocument = new Map<string, number[]>();
  const contentOfDocument = new Map<string, string>();
  const rowOfText = new Map<string, { row: number; documentId: string; chunkId: string }>();
  let distinctRows = 0;
  for await (const document of documentsOf(version, run)) {
    const { documentId, firstRow, texts, chunkIds } = document;
    let isWanted = wantsDocument(documentId);
    for (const [place, text] of texts.entries()) {
      const row = firstRow + place;
      const chunkId = chunkIds[place]!;
      const representative = known.add(row, chunkId, text);
      if (representative.row !== row) sides[row] = SIDE.repeated;
      else if (representative.before !== undefined) sides[representative.before] = SIDE.repeated;
      if (representative.before === undefined) distinctRows += 1;
      if (!wantsText(text)) continue;
      isWanted = true;
      const other = rowOfText.get(text);
      if (!other || compareIds(chunkId, other.chunkId) < 0) rowOfText.set(text, { row, documentId, chunkId });
    }
    if (!isWanted) continue;
    rowsOfDocument.set(
      documentId,
      texts.map((_, place) => firstRow + place),
    );
    contentOfDocument.set(documentId, contentOf(document));
  }
  return { sides, distinctRows, rowsOfDocument, contentOfDocument, rowOfText };
}

/**
 * Marks the chunks of documents whose content is on the dev side. Errors: those of `readCatalogue`.
 */
export async function assignSides(
  version: ReadableVersion,
  sides: Uint8Array,
  splitOf: (content: string) => Split,
  run: MiningRun,
): Promise<void> {
  for await (const document of documentsOf(version, run)) {
    const side = SIDE[splitOf(contentOf(document))];
    for (let row = document.firstRow; row < document.firstRow + document.texts.length; row++)
      if (sides[row] !== SIDE.repeated) sides[row] = side;
  }
}

interface CataloguedDocument {
  documentId: string;
  firstRow: number;
  chunkIds: string[];
  /** The SHA-256 of each chunk's text, in hex. The chunks' rows follow one another. */
  texts: string[];
}

/**
 * Returns the content of a document: equal for documents that have the same chunks under different
 * ids.
 */
function contentOf({ texts }: CataloguedDocument): string {
  return texts.length === 1 ? texts[0]! : sha256(texts.join());
}

async function* documentsOf(
  version: ReadableVersion,
  { signal, onProgress }: MiningRun,
): AsyncGenerator<CataloguedDocument> {
  let row = 0;
  // A document's chunks may continue in the next file.
  let inHand: CataloguedDocument | undefined;
  let done = 0;
  for (const part of version.parts) {
    throwIfStopped(signal);
    const { docIds, chunkIds, textSha256 } = await readLiveVectors(version, part);
    for (const [place, documentId] of docIds.entries()) {
      if (documentId !== inHand?.documentId) {
        if (inHand) yield inHand;
        inHand = { documentId, firstRow: row, chunkIds: [], texts: [] };
      }
      inHand.chunkIds.push(chunkIds[place]!);
      inHand.texts.push(textSha256[place]!);
      row += 1;
    }
    done += 1;
    onProgress(done, version.parts.length);
  }
  if (inHand) yield inHand;
}
