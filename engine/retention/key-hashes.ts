import { createHash } from 'node:crypto';

/** The number of hashes for which there is room at first. */
const FIRST_ROOM = 1024;

/** 2 to the power of 32, to join two numbers of 32 and 20 bits. */
const HIGH = 2 ** 32;

/**
 * A set of keys that takes 8 bytes for each, because a dataset has many. It holds hashes of 52
 * bits: it knows every key that was added, and takes one of some 10^10 others for one of them.
 */
export class KeyHashes {
  #hashes = new Float64Array(FIRST_ROOM);
  #length = 0;
  #isSorted = true;

  add(key: string): void {
    if (this.#length === this.#hashes.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#length] = hashOf(key);
    this.#length += 1;
    this.#isSorted = false;
  }

  has(key: string): boolean {
    if (!this.#isSorted) this.#hashes.subarray(0, this.#length).sort();
    this.#isSorted = true;
    const wanted = hashOf(key);
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#hashes[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low < this.#length && this.#hashes[low] === wanted;
  }
}

function hashOf(key: string): number {
  const digest = createHash('sha1').update(key).digest();
  return (digest.readUInt32LE(0) & 0xfffff) * HIGH + digest.readUInt32LE(4);
}
