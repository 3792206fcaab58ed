/** One good record of a corpus. An empty title or tag is left out. */
export interface CorpusPage {
  id: string;
  title: string;
  /** The text by its number; see `textOf`. Equal numbers are equal texts. */
  text: number;
  /** A value of the metadata column. */
  tag: string;
}

/** A fault for which a record is quarantined. */
export const FAULTS = ['syntax', 'no id', 'no text', 'bytes'] as const;

export type CorpusEntry = CorpusPage | { fault: (typeof FAULTS)[number] };

/** One object of a corpus, without the endings of its format and compression. */
export interface CorpusFile {
  name: string;
  gzip: boolean;
  entries: readonly CorpusEntry[];
}

/** The formats that a corpus may have. All objects of a corpus have the same one. */
export const CORPUS_FORMATS = ['jsonl', 'csv', 'parquet', 'text'] as const;

/** A corpus as it is on one night. The names of its files are different. */
export interface CorpusState {
  format: (typeof CORPUS_FORMATS)[number];
  files: readonly CorpusFile[];
}

export function isPage(entry: CorpusEntry): entry is CorpusPage {
  return 'id' in entry;
}

const WORDS = ['mill', 'grain', 'stone', 'water', 'wheel', 'flour', 'Müller', '磨坊', '\u{1f33e}', 'a', 'of'];

/**
 * Returns the text of a number: 1 to 45 words in sentences, so that some texts are one chunk and
 * others several. Texts of different numbers are different.
 */
export function textOf(number: number): string {
  const words = Array.from(
    { length: 1 + ((number * 7) % 45) },
    (_, place) => WORDS[(number * 3 + place * (1 + (number % 4))) % WORDS.length]!,
  );
  const sentences: string[] = [];
  for (let from = 0; from < words.length; from += 6)
    sentences.push(`${words.slice(from, from + 6).join(' ')}.`);
  return `Text ${number}. ${sentences.join(' ')}`;
}
