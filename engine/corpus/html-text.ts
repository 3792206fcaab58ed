import { Parser, type ParserOptions } from 'htmlparser2';
import { type PageContent, PageText } from './page-text.js';

/**
 * The greatest depth to which elements may be nested. Browsers have such a limit, too: a parser
 * searches all open elements again and again, so a page of nothing but opening tags would take
 * hours.
 */
const MAX_DEPTH = 512;

/** Elements that end the SVG picture inside which they are opened (HTML, 13.2.6.5). */
const NOT_IN_SVG = new Set(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small span strike strong sub sup table tt u ul var'.split(
    ' ',
  ),
);
/** Elements of an SVG picture that may hold HTML. */
const HTML_IN_SVG = new Set(['foreignObject', 'foreignobject', 'desc', 'title']);

const NOSCRIPT_TAG = /<(\/?)noscript(?=[\t\n\f\r />])[^<>]*>?/gi;

/**
 * Returns the text of an HTML page, parsed as a browser parses HTML. Nothing is an error. Elements
 * that are nested too deeply are read as if the elements around them had ended before.
 */
export function htmlToText(html: string, options: ParserOptions = {}): PageContent {
  const page = new PageText();
  // In HTML, such a section is a comment that ends with the first `>`.
  let rest = options.recognizeCDATA ? html : html.replaceAll('<![CDATA[', '<!CDATA[');
  while (rest !== '') rest = rest.slice(readDown(rest, page, options));
  return page.result();
}

/**
 * Reads up to the first element that is nested too deeply, and returns how many characters have
 * been read.
 */
function readDown(html: string, page: PageText, options: ParserOptions): number {
  /**
   * The elements that are open to the parser; an element that has already ended on the page is
   * `undefined`.
   */
  const open: (string | undefined)[] = [];
  /** The number of characters that the parser has not been given. */
  let skipped = 0;
  let end: number | undefined;
  const close = () => {
    const name = open.pop();
    if (name !== undefined) page.close(name);
  };
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        if (NOT_IN_SVG.has(name)) endPicture(open, page);
        page.open(name, 'hidden' in attributes);
        open.push(name);
        if (open.length <= MAX_DEPTH) return;
        parser.pause();
        end = skipped + parser.endIndex + 1;
      },
      ontext: (text) => page.text(text),
      onclosetag: close,
    },
    { decodeEntities: true, ...options },
  );
  let from = 0;
  for (const { start, next } of options.recognizeSelfClosing ? [] : noscripts(html)) {
    if (start <= from) continue;
    parser.write(html.slice(from, start));
    from = start;
    if (end !== undefined) break;
    if (open.at(-1) !== 'noscript' || skipped + parser.endIndex + 1 !== start) continue;
    skipped += next - start;
    from = next;
  }
  if (end === undefined) parser.end(html.slice(from));
  while (open.length > 0) close();
  return end ?? html.length;
}

/**
 * Returns where the content of each `<noscript>` begins and where its end tag begins, without those
 * that are never closed. For a browser that runs scripts, everything in between is raw text, so
 * nothing in it, such as an unclosed `<iframe>`, can affect what follows (HTML, 13.2.6.4.4 and
 * 13.2.6.4.7). Some of them may stand in a comment or a script.
 */
function noscripts(html: string): { start: number; next: number }[] {
  const found: { start: number; next: number }[] = [];
  let next: number | undefined;
  for (const tag of [...html.matchAll(NOSCRIPT_TAG)].reverse()) {
    if (tag[1] === '/') next = tag.index;
    else if (next !== undefined) found.push({ start: tag.index + tag[0].length, next });
  }
  return found.reverse();
}

/** Ends the open picture and everything in it, unless HTML may stand at this place of it. */
function endPicture(open: (string | undefined)[], page: PageText): void {
  const picture = open.lastIndexOf('svg');
  if (picture === -1) return;
  if (open.slice(picture).some((name) => name !== undefined && HTML_IN_SVG.has(name))) return;
  for (let at = open.length - 1; at >= picture; at -= 1) {
    if (open[at] !== undefined) page.close(open[at]!);
    open[at] = undefined;
  }
}
