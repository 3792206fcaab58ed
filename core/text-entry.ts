/** Bytes of the hashes by which a version knows the texts of its chunks. */
export const TEXT_HASH_BYTES = 16;

/** A text that some chunks of a version have, and one of their rows. */
export interface TextEntry {
  /** The first 128 bits of the SHA-256 of the text, in hex. */
  textHash: string;
  rowKey: bigint;
}

/** Returns the hash by which a text is listed, out of its SHA-256 in hex. */
export function textHashOf(textSha256: string): string {
  return textSha256.slice(0, 2 * TEXT_HASH_BYTES);
}

/** Orders entries by the hash of the text, and those of one text by their row keys. */
export function byText(a: TextEntry, b: TextEntry): number {
  if (a.textHash !== b.textHash) return a.textHash < b.textHash ? -1 : 1;
  return a.rowKey < b.rowKey ? -1 : a.rowKey > b.rowKey ? 1 : 0;
}
