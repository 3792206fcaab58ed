import { hash } from 'node:crypto';
import type { DocumentEntry } from '../../core/document-entry.js';
import { idHash } from '../files/document-hash.js';

const MODULUS = 2n ** 128n;

/**
 * A sum over documents and the rows that they have, in whatever order they come. Equal sums mean
 * equal documents and rows, unless 128 bits of SHA-256 collide. Memory holds one document.
 */
export class DocumentSum {
  #sum = 0n;
  #inHand: { docId: string; firstKey: bigint; chunks: number } | undefined;

  /** Adds a document as the list of a version has it. */
  addEntry({ idHash: id, firstKey, chunks }: Pick<DocumentEntry, 'idHash' | 'firstKey' | 'chunks'>): void {
    const digest = hash('sha256', `${id} ${firstKey} ${chunks}`, 'hex');
    this.#sum = (this.#sum + BigInt(`0x${digest.slice(0, 32)}`)) % MODULUS;
  }

  /** Adds the next row of the version. Returns whether it is the next chunk of its document. */
  addRow({ docId, rowKey, chunkIndex }: { docId: string; rowKey: bigint; chunkIndex: number }): boolean {
    if (this.#inHand?.docId !== docId) {
      this.#closeDocument();
      this.#inHand = { docId, firstKey: rowKey, chunks: 0 };
    }
    const inHand = this.#inHand;
    const isNext = chunkIndex === inHand.chunks && rowKey === inHand.firstKey + BigInt(inHand.chunks);
    inHand.chunks += 1;
    return isNext;
  }

  /** Returns the sum of all that was added. */
  total(): bigint {
    this.#closeDocument();
    return this.#sum;
  }

  #closeDocument(): void {
    if (!this.#inHand) return;
    const { docId, firstKey, chunks } = this.#inHand;
    this.addEntry({ idHash: idHash(docId), firstKey, chunks });
    this.#inHand = undefined;
  }
}
