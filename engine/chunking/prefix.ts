import type { ChunkingOptions } from '../../core/chunk.js';
import type { Document } from '../../core/document.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Heading } from './outline.js';
import { lowerBound } from './span.js';

/** The text that is put before a chunk's text, and its cost. */
export interface Prefix {
  /** The prefix with the line ends that separate it from the text; empty if there is no prefix. */
  text: string;
  /** The number of its tokens without special tokens. */
  tokens: number;
}

/** Returns the prefix of a chunk that begins at a UTF-16 offset of its document. */
export type PrefixAt = (start: number) => Prefix;

/**
 * A title or path with more UTF-16 units than this for each token of its room is cut before it is
 * tokenised. A token of prose has about five.
 */
const UNITS_PER_TOKEN = 64;
/** A document whose prefixes have more UTF-16 units than this in total keeps only its title. */
const MAX_PREFIX_UNITS = 64 * 1024 * 1024;

const NOTHING: Prefix = { text: '', tokens: 0 };

/**
 * Returns the prefixes of documents: the title and the headings in force, joined by ` > `, then a
 * blank line. Headings with which a chunk itself begins are not repeated before it. A prefix may
 * take half of the room; a longer one is cut at a token.
 */
export async function prefixesOf(
  documents: readonly { document: Document; headings: readonly Heading[] }[],
  options: ChunkingOptions,
  tokenizer: Tokenizer,
): Promise<PrefixAt[]> {
  const room = (options.maxTokens - tokenizer.specialTokens) >> 1;
  const wanted = documents.map(({ document, headings }) => headingPaths(document, headings, options, room));
  const distinct = [...new Set(wanted.flatMap(({ lines }) => lines))].filter((line) => line !== '');
  const fitted = await fitPrefixes(distinct, room, tokenizer);
  const priced = new Map(fitted.map((prefix, i) => [distinct[i]!, prefix]));
  return wanted.map(({ starts, lines }) => (start) => {
    const line = lines[lowerBound(starts, start + 1) - 1]!;
    return priced.get(line) ?? NOTHING;
  });
}

/** Returns the prefix lines of a document. `lines[i]` is in force from `starts[i]` on. */
function headingPaths(
  { title }: Document,
  headings: readonly Heading[],
  { prefix }: ChunkingOptions,
  room: number,
): { starts: number[]; lines: string[] } {
  const longest = Math.max(1, room * UNITS_PER_TOKEN);
  const first = prefix.includes('title') ? beginning(oneLine(title ?? ''), longest) : '';
  const lineOf = (path: readonly Heading[]) => {
    const titles = path.map((heading) => oneLine(heading.title)).filter((text) => text !== '');
    if (first !== '' && titles[0] !== first) titles.unshift(first);
    return beginning(titles.join(' > '), longest);
  };
  const starts = [0];
  const lines = [lineOf([])];
  if (!prefix.includes('headings')) return { starts, lines };
  let path: Heading[] = [];
  let units = 0;
  for (const heading of headings) {
    path = path.filter(({ level }) => level < heading.level);
    starts.push(heading.start, heading.end);
    lines.push(lineOf(path), lineOf([...path, heading]));
    path.push(heading);
    units += lines.at(-1)!.length + lines.at(-2)!.length;
    if (units > MAX_PREFIX_UNITS) return { starts: [0], lines: [first] };
  }
  return { starts, lines };
}

/**
 * Returns the first `units` of a text, or one unit less if the cut would separate a surrogate pair.
 */
function beginning(text: string, units: number): string {
  const start = text.slice(0, units);
  return start.isWellFormed() ? start : start.slice(0, -1);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

async function fitPrefixes(lines: readonly string[], room: number, tokenizer: Tokenizer): Promise<Prefix[]> {
  if (room < 1) return lines.map(() => NOTHING);
  const encodings = await tokenizer.encode(lines, room + tokenizer.specialTokens);
  return Promise.all(
    lines.map((line, i) => {
      const { ids, truncated } = encodings[i]!;
      return truncated
        ? cutPrefix(line, room, tokenizer)
        : { text: `${line}\n\n`, tokens: ids.length - tokenizer.specialTokens };
    }),
  );
}

/**
 * Cut text may have more tokens than it had as a part of the whole, so the cut moves back until it
 * fits.
 */
async function cutPrefix(line: string, room: number, tokenizer: Tokenizer): Promise<Prefix> {
  const [spans] = await tokenizer.spans([line]);
  for (let tokens = room; tokens > 0; tokens--) {
    const text = line.slice(0, spans!.ends[tokens - 1]);
    const [encoding] = await tokenizer.encode([text], room + tokenizer.specialTokens);
    if (!encoding!.truncated)
      return { text: `${text}\n\n`, tokens: encoding!.ids.length - tokenizer.specialTokens };
  }
  return NOTHING;
}
