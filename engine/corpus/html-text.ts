import { Parser } from 'htmlparser2';

/** What an HTML page says: its text in reading order, and its `<title>`, else its first heading. */
export interface HtmlText {
  text: string;
  title: string | undefined;
}

/** Elements whose content is not read by a reader of the page. */
const SILENT = new Set(['script', 'style', 'noscript', 'template', 'svg', 'iframe', 'select']);
const PARAGRAPHS = new Set(
  'address article aside blockquote body details dialog dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section summary table ul'.split(
    ' ',
  ),
);
const LINES = new Set('br caption dd div dt figcaption legend li option tbody tfoot thead tr'.split(' '));
const CELLS = new Set(['td', 'th']);

/**
 * An HTML page as text: scripts and styles dropped, white space collapsed as a browser does, a blank line
 * around paragraphs and a newline around smaller blocks. Headings are written the Markdown way (`## …`), so that
 * chunking by headings sees them.
 */
export function htmlToText(html: string): HtmlText {
  const page = new PageText();
  const parser = new Parser(
    {
      onopentag: (name) => page.open(name),
      ontext: (text) => page.text(text),
      onclosetag: (name) => page.close(name),
    },
    { decodeEntities: true },
  );
  parser.end(html);
  return page.result();
}

/** What stands between two pieces of text, from the weakest. */
const GAPS = ['', ' ', '\n', '\n\n'] as const;
const SPACE = 1;
const LINE = 2;
const PARAGRAPH = 3;

class PageText {
  private readonly pieces: string[] = [];
  private silent = 0;
  private preformatted = 0;
  private title: string | undefined;
  private inTitle = false;
  private heading: { marker: string; text: string } | undefined;
  private firstHeading: string | undefined;
  /** Index in GAPS of what must precede the next text. */
  private gap = 0;

  open(name: string): void {
    this.separate(name);
    if (SILENT.has(name)) this.silent += 1;
    if (name === 'title' && this.silent === 0) this.inTitle = true;
    if (name === 'pre') this.preformatted += 1;
    const level = headingLevel(name);
    if (level > 0) this.heading = { marker: `${'#'.repeat(level)} `, text: '' };
  }

  close(name: string): void {
    if (SILENT.has(name)) this.silent -= 1;
    if (name === 'title') this.inTitle = false;
    if (name === 'pre') this.preformatted -= 1;
    if (headingLevel(name) > 0) {
      this.firstHeading ??= this.heading?.text || undefined;
      this.heading = undefined;
    }
    this.separate(name);
  }

  text(text: string): void {
    if (this.inTitle) this.title = (this.title ?? '') + text;
    if (this.silent > 0 || this.inTitle) return;
    if (this.preformatted > 0) {
      this.write(text);
      return;
    }
    const words = text.replace(/[ \t\n\f\r]+/g, ' ');
    if (words.startsWith(' ')) this.widen(SPACE);
    this.write(words.replace(/^ | $/g, ''));
    if (words.endsWith(' ')) this.widen(SPACE);
  }

  result(): HtmlText {
    const title = this.title?.replace(/\s+/g, ' ').trim() || this.firstHeading;
    return { text: this.pieces.join('').trim(), title };
  }

  private write(text: string): void {
    if (text === '') return;
    if (this.heading && this.heading.text !== '') {
      // A heading stays on one line, whatever stands in it.
      const space = this.gap > 0 ? ' ' : '';
      this.heading.text += space + text;
      this.pieces.push(space, text);
    } else {
      if (this.pieces.length > 0) this.pieces.push(GAPS[this.gap]!);
      if (this.heading) {
        this.pieces.push(this.heading.marker);
        this.heading.text = text;
      }
      this.pieces.push(text);
    }
    this.gap = 0;
  }

  private separate(name: string): void {
    if (PARAGRAPHS.has(name)) this.widen(PARAGRAPH);
    else if (LINES.has(name)) this.widen(LINE);
    else if (CELLS.has(name)) this.widen(SPACE);
  }

  private widen(gap: number): void {
    this.gap = Math.max(this.gap, gap);
  }
}

function headingLevel(name: string): number {
  return Number(/^h([1-6])$/.exec(name)?.[1] ?? 0);
}
