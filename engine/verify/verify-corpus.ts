import { counted } from '../../core/counted.js';
import { byDocument, type DocumentEntry } from '../../core/document-entry.js';
import type { CorpusLists, ListPiece } from '../../core/manifest.js';
import { totalRejects } from '../../core/reject-counts.js';
import { readDocumentListFile } from '../parquet/document-list-file.js';
import { readSliceListFile } from '../parquet/slice-list-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { DocumentSum } from './document-sum.js';
import { addDifference, checkedListBytes, manifestFile, type VerifyReport } from './verify-report.js';

/**
 * Checks that the lists of documents and slices count what the manifest counts, and that the
 * documents are those of the chunk files, each once. `rows` is the sum over the chunk files' rows;
 * it is undefined if they could not all be read. Memory holds one piece of a list.
 */
export async function verifyCorpus(
  version: ReadableVersion,
  lists: CorpusLists,
  rows: DocumentSum | undefined,
  report: VerifyReport,
): Promise<void> {
  const { manifest } = version;
  const { totals } = manifest;
  const listed = { documents: 0, chunks: 0, tokens: 0, truncatedChunks: 0 };
  const sum = new DocumentSum();
  let last: DocumentEntry | undefined;
  for await (const { entries, file } of piecesOf(version, lists.documents, readDocumentListFile, report))
    for (const document of entries) {
      if (last && byDocument(last, document) >= 0)
        addDifference(report, file, 'lists documents in another order');
      if (document.firstKey !== undefined) {
        if (last?.firstKey !== undefined && last.idHash === document.idHash)
          addDifference(report, file, 'lists the chunks of two documents of one id');
        sum.addEntry(document);
        listed.documents += 1;
      }
      listed.chunks += document.chunks;
      listed.tokens += document.tokens;
      listed.truncatedChunks += document.truncated;
      last = document;
    }
  let slices = { documents: 0, rejects: 0 };
  for await (const { entries } of piecesOf(version, lists.slices, readSliceListFile, report))
    for (const { documents, rejects } of entries)
      slices = { documents: slices.documents + documents, rejects: slices.rejects + rejects };
  const counts = [
    ...(['documents', 'chunks', 'tokens', 'truncatedChunks'] as const).map(
      (name) => [name, listed[name], totals[name], 'list of documents'] as const,
    ),
    ['documents', slices.documents, totals.documents, 'list of slices'] as const,
    ['rejects', slices.rejects, totalRejects(manifest.rejects), 'list of slices'] as const,
  ];
  for (const [name, found, expected, list] of counts)
    if (found !== expected)
      addDifference(report, manifestFile(version), `counts ${expected} ${name}; its ${list} has ${found}`);
  if (rows && sum.total() !== rows.total())
    addDifference(report, manifestFile(version), 'lists other documents than the chunk files hold');
}

/** Yields the entries of a list piece by piece, and notes the pieces that are damaged. */
async function* piecesOf<Entry>(
  version: ReadableVersion,
  pieces: readonly ListPiece[],
  parse: (bytes: Uint8Array, file: string) => Entry[],
  report: VerifyReport,
): AsyncGenerator<{ entries: Entry[]; file: string }> {
  for (const piece of pieces) {
    const file = `${version.store.root}/${piece.key}`;
    const bytes = await checkedListBytes(version, piece, report);
    if (!bytes) continue;
    const entries = parse(bytes, file);
    if (entries.length !== piece.rows)
      addDifference(report, file, `has ${counted(entries.length, 'row')}; ${piece.rows} are listed`);
    yield { entries, file };
  }
}
