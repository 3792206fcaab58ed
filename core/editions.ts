/**
 * The numbers that say how a release reads, cuts and searches the same bytes. A number is raised in
 * the release that first reads, cuts or searches some input differently from the releases before
 * it. docs/formats.md says what each edition changed.
 */
export interface Editions {
  /** The edition of turning objects of a corpus into documents and rejects. */
  reader: number;
  /** The edition of turning documents into chunks. */
  chunker: number;
  /** The edition of turning texts and queries into the terms of word search. */
  wordSearch: number;
}

/** The editions of this release. */
export const EDITIONS: Editions = { reader: 2, chunker: 2, wordSearch: 2 };

/**
 * The edition of choosing queries and their negatives. It has a number of its own beside the job's
 * editions, because no file of a version depends on it.
 */
export const MINING_EDITION = 2;

/** The editions of jobs that were written before editions were counted. */
const FIRST_EDITIONS: Editions = { reader: 1, chunker: 1, wordSearch: 1 };

const NAMES: Readonly<Record<keyof Editions, string>> = {
  reader: 'reader',
  chunker: 'chunker',
  wordSearch: 'word search',
};

/** Returns the editions that a job was begun under. */
export function editionsOf({ editions }: { editions?: Editions | undefined }): Editions {
  return editions ?? FIRST_EDITIONS;
}

/**
 * Returns the differences between two releases, as phrases such as `reader edition 1 instead of 2`.
 */
export function editionDifferences(existing: Editions, own: Editions): string[] {
  const parts = Object.keys(NAMES) as (keyof Editions)[];
  return parts
    .filter((part) => existing[part] !== own[part])
    .map((part) => `${NAMES[part]} edition ${existing[part]} instead of ${own[part]}`);
}
