import { decodeUtf8, hasUtf16ByteOrderMark, withoutByteOrderMark } from './decode-text.js';
import { compressionIn, extensionOf } from './detect-format.js';
import { htmlToText } from './html-text.js';
import { type RawRecord, type RecordOutcome, reject, tooLarge } from './raw-record.js';
import { markdownTitle, restructuredTextTitle } from './text-title.js';
import { xhtmlToText } from './xhtml-text.js';

export interface ReadTextOptions {
  /** The object's path below the input URI. It is the document's id. */
  path: string;
  maxDocumentBytes: number;
}

/**
 * Reads one object as one document: Markdown, reStructuredText and plain text as they are, HTML as
 * the text of its page.
 */
export async function readText(
  bytes: AsyncIterable<Uint8Array>,
  options: ReadTextOptions,
): Promise<RawRecord> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > options.maxDocumentBytes) return textTooLarge(options);
    pieces.push(piece);
  }
  const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  return { unit: 'byte', at: 0, ...toDocument(whole, options.path) };
}

/** Returns the record of an object whose size alone shows that it is over the limit. */
export function textTooLarge({ path, maxDocumentBytes }: ReadTextOptions): RawRecord {
  return { unit: 'byte', at: 0, ...tooLarge(maxDocumentBytes, path) };
}

function toDocument(bytes: Uint8Array, path: string): RecordOutcome {
  if (hasUtf16ByteOrderMark(bytes))
    return reject('INVALID_UTF8', 'the object is UTF-16; convert it to UTF-8', path);
  const compression = compressionIn(bytes);
  if (compression) return reject('INVALID_UTF8', `the object is compressed with ${compression}`, path);
  const content = bytes.includes(0) ? undefined : decodeUtf8(withoutByteOrderMark(bytes));
  if (content === undefined) return reject('INVALID_UTF8', 'the object is not UTF-8 text', path);
  const { text, title } = parse(content, extensionOf(path));
  if (text.trim() === '') return reject('EMPTY_TEXT', 'the object has no text', path);
  return { document: title ? { id: path, text, title } : { id: path, text } };
}

function parse(content: string, extension: string): { text: string; title: string | undefined } {
  switch (extension) {
    case 'html':
    case 'htm':
      return htmlToText(content);
    case 'xhtml':
      return xhtmlToText(content);
    case 'md':
    case 'mdx':
    case 'markdown':
      return { text: content, title: markdownTitle(content) };
    case 'rst':
      return { text: content, title: restructuredTextTitle(content) };
    default:
      return { text: content, title: undefined };
  }
}
