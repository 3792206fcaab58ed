import type { Verdict } from '../../core/carry/verdict.js';
import type { ChunkRow } from '../../core/chunk.js';
import { type LongestValues, longestOf, NO_VALUES } from '../../core/commit.js';
import type { CorpusRecord, RecordPosition } from '../../core/document.js';
import type { DocumentEntry } from '../../core/document-entry.js';
import type { Slice } from '../../core/plan.js';
import type { SliceCounts } from '../../core/slice-entry.js';
import { type TextEntry, textHashOf } from '../../core/text-entry.js';
import { contentHash, idHash } from '../files/document-hash.js';

type ShardDocument = Omit<DocumentEntry, 'firstKey' | 'chunks' | 'tokens' | 'truncated'> & {
  id: string;
};

/** The rows of one document, which follow one another. */
interface DocumentRows extends Pick<DocumentEntry, 'chunks' | 'tokens' | 'truncated'> {
  id: string;
  firstKey: bigint;
}

/**
 * Collects the facts about a shard's documents while the shard is chunked: what its records are,
 * and which rows each document has. Records and rows come in their order, but rows may come later
 * than the records they are made of, or earlier if their part was found in storage.
 */
export class ShardDocuments {
  longest: LongestValues = NO_VALUES;
  readonly #places: ReadonlyMap<string, number>;
  readonly #counts: SliceCounts[];
  readonly #documents: ShardDocument[] = [];
  readonly #repeated: ShardDocument[] = [];
  readonly #rows: DocumentRows[] = [];
  readonly #texts: TextEntry[] = [];
  readonly #listsRepeated: boolean;

  /**
   * No two slices of a shard are of one object. `listsRepeated` says whether records that repeat an
   * id are among the entries; where rows are carried over, they are listed with what is carried.
   */
  constructor(slices: readonly Slice[], { listsRepeated = true }: { listsRepeated?: boolean } = {}) {
    this.#listsRepeated = listsRepeated;
    this.#places = new Map(slices.map(({ uri }, place) => [uri, place]));
    this.#counts = slices.map(() => ({ documents: 0, rejects: 0, unit: 'row' }));
  }

  /** Takes a document, with what becomes of it. */
  addDocument({ document, position }: CorpusRecord & { kind: 'document' }, verdict: Verdict): void {
    const isRepeated = verdict === 'repeated';
    const slice = this.#count(position, isRepeated ? 'rejects' : 'documents');
    if (verdict === 'carried' || (isRepeated && !this.#listsRepeated)) return;
    (isRepeated ? this.#repeated : this.#documents).push({
      id: document.id,
      idHash: idHash(document.id),
      contentHash: contentHash(document),
      slice,
      at: position.at,
    });
  }

  /** Takes a record that is no document. */
  addReject(position: RecordPosition): void {
    this.#count(position, 'rejects');
  }

  /** Takes the rows of the next part. */
  addRows(rows: readonly ChunkRow[]): void {
    for (const { docId, rowKey, nTokens, truncated, text, textSha256, metadata = '' } of rows) {
      this.#texts.push({ textHash: textHashOf(textSha256), rowKey });
      const last = this.#rows.at(-1);
      if (last?.id === docId) {
        last.chunks += 1;
        last.tokens += nTokens;
        last.truncated += truncated ? 1 : 0;
      } else {
        const own = { chunks: 1, tokens: nTokens, truncated: truncated ? 1 : 0 };
        this.#rows.push({ id: docId, firstKey: rowKey, ...own });
      }
      this.longest = longestOf(this.longest, {
        id: Buffer.byteLength(docId),
        text: Buffer.byteLength(text),
        metadata: Buffer.byteLength(metadata),
      });
    }
  }

  /** Returns the counts of each slice, in the order of the plan. */
  slices(): readonly SliceCounts[] {
    return this.#counts;
  }

  /** Returns an entry for each document, whose slices are numbered within the shard. */
  entries(): DocumentEntry[] {
    let next = 0;
    const chunked = this.#documents.map(({ id, ...document }): DocumentEntry => {
      const rows = this.#rows[next];
      if (rows?.id !== id) return { ...document, ...NO_ROWS };
      next += 1;
      const { firstKey, chunks, tokens, truncated } = rows;
      return { ...document, firstKey, chunks, tokens, truncated };
    });
    return [...chunked, ...this.#repeated.map(({ id: _, ...document }) => ({ ...document, ...NO_ROWS }))];
  }

  /** Returns the text of each row, in the order of the rows. */
  texts(): readonly TextEntry[] {
    return this.#texts;
  }

  #count({ uri, unit }: RecordPosition, kind: 'documents' | 'rejects'): number {
    const place = this.#places.get(uri)!;
    const counts = this.#counts[place]!;
    counts[kind] += 1;
    counts.unit = unit;
    return place;
  }
}

const NO_ROWS = { firstKey: undefined, chunks: 0, tokens: 0, truncated: 0 };
