import { counted } from '../../core/counted.js';
import type { InputFormat } from '../../core/plan.js';
import { inputUnsupported } from './corpus-errors.js';
import { detectFormat, extensionFits, unreadCompressionOf } from './detect-format.js';
import type { ListedObject, Listing } from './list-objects.js';

export interface SelectOptions {
  uri: string;
  format: InputFormat | 'auto';
  include: readonly string[];
}

/** The objects that form a corpus. */
export interface ObjectSelection {
  objects: ListedObject[];
  /** The number of objects that were left out because they are not in the corpus's format. */
  otherFormat: number;
}

/** Recognises the corpus of a BEIR folder, beside which queries and judgements lie. */
const BEIR_CORPUS = /^corpus\.jsonl(\.gz|\.zst)?$/;
const BEIR_COMPANION = /^(queries\.jsonl(\.gz|\.zst)?|qrels\/.*)$/;

/**
 * Chooses the listed objects that form the corpus.
 * - A `format` other than auto applies to a single object, and to whatever `include` names. Without
 *   `include` it applies to the objects whose extension can be that format.
 * - `auto` goes by extensions and leaves out objects whose extension says nothing. The corpus of a
 *   BEIR folder is its `corpus.jsonl`. Objects of several formats are refused, because one column
 *   mapping rarely fits them all.
 * Errors: INPUT_UNSUPPORTED, naming the formats found and what to set, or an object in a
 * compression that cannot be read.
 */
export function selectObjects(listing: Listing, options: SelectOptions): ObjectSelection {
  const { objects, single } = listing;
  const { uri, format, include } = options;
  refuseUnreadCompression(objects, options);
  if (format !== 'auto') {
    const chosen =
      single || include.length > 0 ? objects : objects.filter((object) => extensionFits(object.path, format));
    if (chosen.length > 0) return { objects: chosen, otherFormat: objects.length - chosen.length };
    throw inputUnsupported(
      uri,
      `none of ${counted(objects.length, 'object')} has an extension of ${format}`,
      'set input.include to the objects that are in this format, or correct input.format',
    );
  }
  const corpus = include.length === 0 ? beirCorpus(objects) : undefined;
  if (corpus) return { objects: [corpus], otherFormat: objects.length - 1 };
  const known = objects.filter((object) => detectFormat(object.path) !== undefined);
  const examples = new Map<InputFormat, string>();
  for (const { path } of known) {
    const detected = detectFormat(path)!;
    if (!examples.has(detected)) examples.set(detected, path);
  }
  if (examples.size === 0) {
    throw inputUnsupported(
      uri,
      `the format of ${objects[0]!.path} cannot be told from its extension`,
      'set input.format',
    );
  }
  if (examples.size > 1) {
    const found = [...examples].map(([name, path]) => `${name} (${path})`).join(', ');
    throw inputUnsupported(
      uri,
      `there are objects of several formats: ${found}`,
      "set input.include to the corpus's objects, or input.format to take one format only",
    );
  }
  return { objects: known, otherFormat: objects.length - known.length };
}

/**
 * Refuses objects whose names say that they are compressed data of a known format, so that they are
 * not left out silently.
 */
function refuseUnreadCompression(objects: readonly ListedObject[], { format, include }: SelectOptions): void {
  if (include.length === 0 && format === 'auto' && beirCorpus(objects)) return;
  for (const { uri, path } of objects) {
    const compression = unreadCompressionOf(path);
    if (compression === undefined) continue;
    const inner = path.slice(0, -compression.length - 1);
    if (format !== 'auto' && include.length === 0 && !extensionFits(inner, format)) continue;
    throw inputUnsupported(
      uri,
      `objects compressed as .${compression} cannot be read`,
      'decompress it, or compress it with gzip (.gz) or zstd (.zst); or leave it out with input.exclude',
    );
  }
}

function beirCorpus(objects: readonly ListedObject[]): ListedObject | undefined {
  const corpora = objects.filter(({ path }) => BEIR_CORPUS.test(path));
  const hasCompanion = objects.some(({ path }) => BEIR_COMPANION.test(path));
  return corpora.length === 1 && hasCompanion ? corpora[0] : undefined;
}
