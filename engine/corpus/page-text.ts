/**
 * The content of a page: its text in reading order, and its `<title>` or else its first heading.
 */
export interface PageContent {
  text: string;
  title: string | undefined;
}

/** Elements whose content a browser does not show. */
const SILENT = new Set(
  'audio canvas datalist iframe noembed noframes noscript rp script select style svg template video'.split(
    ' ',
  ),
);
/** Inline elements that a reader sees as boxes of their own. */
const BOXES = new Set('audio button canvas iframe input object select svg textarea video'.split(' '));
const PREFORMATTED = new Set('listing plaintext pre textarea xmp'.split(' '));
const PARAGRAPHS = new Set(
  'address article aside blockquote body details dialog dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr listing main nav ol p plaintext pre section summary table ul xmp'.split(
    ' ',
  ),
);
const LINES = new Set('br caption dd div dt figcaption legend li option tbody tfoot thead tr'.split(' '));
const CELLS = new Set(['td', 'th']);

/** The gaps that may stand between two pieces of text, from the weakest to the strongest. */
const GAPS = ['', ' ', '\n', '\n\n'] as const;
const SPACE = 1;
const LINE = 2;
const PARAGRAPH = 3;

/**
 * Builds a page's text from its elements and their text. A parser reports them in their order, with
 * one `close` for each `open`. White space is collapsed as a browser does it, paragraphs get a
 * blank line around them, and smaller blocks get a newline. Headings are written as in Markdown
 * (`## …`), so that chunking by headings sees them.
 */
export class PageText {
  private readonly pieces: string[] = [];
  /** One flag for each open element: whether the element itself hides its content. */
  private readonly silences: boolean[] = [];
  private silent = 0;
  private preformatted = 0;
  private title = '';
  private inTitle = false;
  private isTitleKnown = false;
  private heading: { marker: string; text: string } | undefined;
  private firstHeading: string | undefined;
  /** The index in GAPS of what must precede the next text. */
  private gap = 0;

  /** `name` is an HTML element's name in lower case, or the name of any other element. */
  open(name: string, isHidden = false): void {
    const isSilent = isHidden || SILENT.has(name);
    if (this.silent === 0) this.separate(name);
    this.silences.push(isSilent);
    if (isSilent) this.silent += 1;
    if (this.silent > 0) return;
    if (name === 'title') this.inTitle = true;
    if (PREFORMATTED.has(name)) this.preformatted += 1;
    const level = headingLevel(name);
    if (level > 0) this.heading = { marker: `${'#'.repeat(level)} `, text: '' };
  }

  close(name: string): void {
    if (this.silences.pop()) this.silent -= 1;
    else if (this.silent === 0) this.leave(name);
    if (this.silent === 0) this.separate(name);
  }

  text(text: string): void {
    if (this.inTitle && !this.isTitleKnown) this.title += text;
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

  result(): PageContent {
    const title = this.title.replace(/\s+/g, ' ').trim() || this.firstHeading;
    return { text: this.pieces.join('').trim(), title };
  }

  private leave(name: string): void {
    if (name === 'title') {
      this.inTitle = false;
      this.isTitleKnown = this.title.trim() !== '';
    }
    if (PREFORMATTED.has(name)) this.preformatted -= 1;
    if (headingLevel(name) === 0) return;
    this.firstHeading ??= this.heading?.text || undefined;
    this.heading = undefined;
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
    else if (CELLS.has(name) || BOXES.has(name)) this.widen(SPACE);
  }

  private widen(gap: number): void {
    this.gap = Math.max(this.gap, gap);
  }
}

function headingLevel(name: string): number {
  return Number(/^h([1-6])$/.exec(name)?.[1] ?? 0);
}
