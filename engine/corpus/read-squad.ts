import { ByteReader } from './byte-reader.js';
import { inputDamaged, inputUnsupported, REMEDY_OF_DAMAGE } from './corpus-errors.js';
import { BYTE_ORDER_MARK, withoutByteOrderMark } from './decode-text.js';
import { JsonScanner, JsonSyntaxError } from './json-scanner.js';
import type { RawRecord } from './raw-record.js';
import { ArticleTooLargeError, SquadDocuments, TopLevelListError } from './squad-documents.js';

export interface ReadSquadOptions {
  uri: string;
  /**
   * The beginning of each id. An id is `<objectName>/<article>/<paragraph>`, with both numbers from
   * 0.
   */
  objectName: string;
  maxDocumentBytes: number;
  /**
   * `byte` if the stream is the stored object itself; otherwise `row`, which counts paragraphs from
   * 0.
   */
  unit: 'byte' | 'row';
}

/**
 * The greatest number of bytes of contexts that wait for their article's title. SQuAD's own
 * articles hold some tens of kilobytes.
 */
const MAX_ARTICLE_BYTES = 64 * 1024 * 1024;

/**
 * Yields the paragraphs of a SQuAD JSON object as documents. Those that end in the same piece of
 * the stream come together.
 * Errors: INPUT_DAMAGED if the JSON is broken, INPUT_UNSUPPORTED if it is JSON of another shape.
 */
export async function* readSquad(
  bytes: AsyncIterable<Uint8Array>,
  options: ReadSquadOptions,
): AsyncGenerator<RawRecord[]> {
  const documents = new SquadDocuments({ ...options, maxArticleBytes: MAX_ARTICLE_BYTES });
  const scanner = new JsonScanner(documents, options.maxDocumentBytes);
  const reader = new ByteReader(bytes);
  const mark = await reader.peek(BYTE_ORDER_MARK.length);
  const skipped = mark.length - withoutByteOrderMark(mark).length;
  await reader.skip(skipped);
  let number = 0;
  const take = () => {
    const { ready } = documents;
    documents.ready = [];
    return ready.map(({ at, outcome }): RawRecord => {
      const place = options.unit === 'byte' ? at + skipped : number;
      number += 1;
      return { unit: options.unit, at: place, ...outcome };
    });
  };
  try {
    for (let piece = await reader.takeSome(); piece !== undefined; piece = await reader.takeSome()) {
      const bytesOfPiece = piece;
      scan(options.uri, skipped, () => scanner.push(bytesOfPiece));
      yield take();
    }
  } finally {
    await reader.close();
  }
  scan(options.uri, skipped, () => scanner.end());
  yield take();
  if (!documents.sawData) throw notSquad(options.uri, 'there is no "data" array in it');
}

function scan(uri: string, skipped: number, step: () => void): void {
  try {
    step();
  } catch (cause) {
    if (cause instanceof TopLevelListError) throw notSquad(uri, 'it is a list of records');
    if (cause instanceof ArticleTooLargeError) {
      throw notSquad(
        uri,
        `the title of an article comes after more than ${MAX_ARTICLE_BYTES} bytes of paragraphs`,
      );
    }
    if (!(cause instanceof JsonSyntaxError)) throw cause;
    const position = cause.at + skipped;
    throw inputDamaged(uri, `the JSON breaks off or is not valid at byte ${position}`, {
      position,
      remedy: `${REMEDY_OF_DAMAGE}; where each line is a record, set input.format to jsonl`,
    });
  }
}

function notSquad(uri: string, what: string) {
  return inputUnsupported(
    uri,
    `this is not SQuAD-style JSON: ${what}`,
    'set input.format to jsonl if each line is one record, or convert the object to JSON lines',
  );
}
