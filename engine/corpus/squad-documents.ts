import { decodeUtf8 } from './decode-text.js';
import { parseNumber } from './exact-number.js';
import type { JsonEvents } from './json-scanner.js';
import { type RecordOutcome, reject, tooLarge } from './raw-record.js';

/** A paragraph of a SQuAD object. `at` is its first byte in the JSON text. */
export interface ParagraphRecord {
  at: number;
  outcome: RecordOutcome;
}

export interface SquadOptions {
  /** The beginning of each id. */
  objectName: string;
  maxDocumentBytes: number;
  /**
   * The greatest number of bytes of contexts that may be kept until their article's title has come.
   */
  maxArticleBytes: number;
}

/** An article has its title after more paragraphs than may be kept. */
export class ArticleTooLargeError extends Error {}

/** The JSON is a list, not an object. This is thrown at the list's first byte, not at its end. */
export class TopLevelListError extends Error {}

type Role = 'root' | 'articles' | 'article' | 'paragraphs' | 'paragraph' | 'other';

interface Frame {
  role: Role;
  kind: 'object' | 'array';
  /** The member that is being read. `count` is the number of an array's elements so far. */
  key: string | undefined;
  count: number;
  at: number;
}

type Fault = 'too-large' | 'utf8' | 'half-pair' | 'escape';
type Text = { value: string } | { fault: Fault };

interface Paragraph {
  at: number;
  article: number;
  index: number;
  context: Text | undefined;
}

/**
 * Collects the paragraphs of `{"data": [{"title": …, "paragraphs": [{"context": …}]}]}` from a
 * scanner's events. Paragraphs wait for their article's title, which may come after them.
 * Everything else is skipped.
 */
export class SquadDocuments implements JsonEvents {
  /** The paragraphs that are complete, in order; the owner takes them out. */
  ready: ParagraphRecord[] = [];
  /** Whether a `data` array has been met. */
  sawData = false;
  private readonly frames: Frame[] = [];
  /** The number of containers that are open below the last frame. None of them matters. */
  private passedOver = 0;
  private waiting: Paragraph[] = [];
  private waitingBytes = 0;
  private title: Text | undefined;
  private context: Text | undefined;

  constructor(private readonly options: SquadOptions) {}

  open(kind: 'object' | 'array', at: number): void {
    const parent = this.frames.at(-1);
    if (parent === undefined && kind === 'array') throw new TopLevelListError();
    if (parent?.role === 'other') {
      this.passedOver += 1;
      return;
    }
    const role = roleOf(parent, kind);
    this.enterElement(parent, role, at);
    if (role === 'articles') this.sawData = true;
    if (role === 'article') this.title = undefined;
    if (role === 'paragraph') this.context = undefined;
    this.frames.push({ role, kind, key: undefined, count: 0, at });
  }

  close(): void {
    if (this.passedOver > 0) {
      this.passedOver -= 1;
      return;
    }
    const { role, at } = this.frames.pop()!;
    if (role === 'paragraph') this.addParagraph(at, this.context);
    if (role === 'article') this.release();
  }

  key(spelling: Uint8Array | undefined): void {
    const frame = this.frames.at(-1)!;
    if (frame.role === 'other') return;
    const text = decodeString(spelling);
    frame.key = 'value' in text ? text.value : undefined;
  }

  string(spelling: Uint8Array | undefined): void {
    const frame = this.frames.at(-1);
    if (frame?.role === 'paragraph' && frame.key === 'context') this.context = decodeString(spelling);
    else if (frame?.role === 'article' && frame.key === 'title') this.title = decodeString(spelling);
    else this.enterElement(frame, 'other', frame?.at ?? 0);
  }

  scalar(spelling: string | undefined): void {
    const frame = this.frames.at(-1);
    if (frame?.role === 'article' && frame.key === 'title') this.title = numericTitle(spelling);
    this.enterElement(frame, 'other', frame?.at ?? 0);
  }

  /**
   * Counts an array's elements. An article or a paragraph that is not an object is a record that
   * cannot be read.
   */
  private enterElement(parent: Frame | undefined, role: Role, at: number): void {
    if (parent?.kind !== 'array') return;
    parent.count += 1;
    if (parent.role === 'paragraphs' && role !== 'paragraph') this.addParagraph(at, undefined);
    if (parent.role === 'articles' && role !== 'article')
      this.ready.push({ at, outcome: reject('BAD_JSON', 'the article is not an object') });
  }

  private addParagraph(at: number, context: Text | undefined): void {
    const article = this.frames.find(({ role }) => role === 'articles')!.count - 1;
    const index = this.frames.at(-1)!.count - 1;
    this.waiting.push({ at, article, index, context });
    if (this.title !== undefined) {
      this.release();
      return;
    }
    this.waitingBytes += context && 'value' in context ? context.value.length : 0;
    if (this.waitingBytes > this.options.maxArticleBytes) throw new ArticleTooLargeError();
  }

  private release(): void {
    for (const paragraph of this.waiting) {
      this.ready.push({ at: paragraph.at, outcome: this.toOutcome(paragraph) });
    }
    this.waiting = [];
    this.waitingBytes = 0;
  }

  private toOutcome({ article, index, context }: Paragraph): RecordOutcome {
    const id = `${this.options.objectName}/${article}/${index}`;
    if (context === undefined) return reject('MISSING_TEXT', 'the paragraph has no string "context"', id);
    if ('fault' in context) return this.faulty(context.fault, 'context', id);
    if (context.value.trim() === '')
      return reject('EMPTY_TEXT', '"context" is empty or only white space', id);
    const { title } = this;
    if (title === undefined) return { document: { id, text: context.value } };
    if ('fault' in title) return this.faulty(title.fault, 'title', id);
    return {
      document:
        title.value === '' ? { id, text: context.value } : { id, text: context.value, title: title.value },
    };
  }

  private faulty(fault: Fault, member: string, id: string): RecordOutcome {
    if (fault === 'too-large') return tooLarge(this.options.maxDocumentBytes, id);
    if (fault === 'escape') return reject('BAD_JSON', `"${member}" is not a valid JSON string`, id);
    const what = fault === 'utf8' ? 'is not valid UTF-8' : 'holds half a surrogate pair';
    return reject('INVALID_UTF8', `"${member}" ${what}`, id);
  }
}

/** Returns a title that is a number, as in the other formats. Any other scalar is left out. */
function numericTitle(spelling: string | undefined): Text | undefined {
  if (spelling === undefined || /^[tfn]/.test(spelling)) return undefined;
  return { value: String(parseNumber(spelling)) };
}

function roleOf(parent: Frame | undefined, kind: 'object' | 'array'): Role {
  if (parent === undefined) return kind === 'object' ? 'root' : 'other';
  if (kind === 'array') {
    if (parent.role === 'root' && parent.key === 'data') return 'articles';
    return parent.role === 'article' && parent.key === 'paragraphs' ? 'paragraphs' : 'other';
  }
  if (parent.role === 'articles') return 'article';
  return parent.role === 'paragraphs' ? 'paragraph' : 'other';
}

function decodeString(spelling: Uint8Array | undefined): Text {
  if (spelling === undefined) return { fault: 'too-large' };
  const decoded = decodeUtf8(spelling);
  if (decoded === undefined) return { fault: 'utf8' };
  try {
    const value = JSON.parse(decoded) as string;
    return value.isWellFormed() ? { value } : { fault: 'half-pair' };
  } catch {
    return { fault: 'escape' };
  }
}
