import { z } from 'zod';
import type { ByteSource } from '../corpus/byte-source.js';
import { inputDamaged, inputUnsupported } from '../corpus/corpus-errors.js';
import { decodeUtf8, withoutByteOrderMark } from '../corpus/decode-text.js';
import { objectText } from '../corpus/object-text.js';
import { refuse } from './evaluation-errors.js';

export interface SquadQuestion {
  text: string;
  answers: readonly string[];
  isAnswerable: boolean;
}

export interface SquadParagraph {
  /** `<article>/<paragraph>`, both counted from 0. */
  id: string;
  context: string;
  questions: readonly SquadQuestion[];
}

/**
 * The file is held in memory as a whole, because questions, answers and paragraphs are needed
 * together. SQuAD's own files have some 40 MB.
 */
const MAX_BYTES = 400 * 1024 * 1024;

const text = z.string().refine((value) => value.isWellFormed(), 'it holds half a surrogate pair');
const question = z.object({
  question: text,
  is_impossible: z.boolean().optional(),
  answers: z.array(z.object({ text })).optional(),
});
const paragraph = z.object({ context: text, qas: z.array(question).default([]) });
const schema = z.object({ data: z.array(z.object({ paragraphs: z.array(paragraph) })) });

/**
 * Returns the paragraphs of a SQuAD JSON object with their questions, in file order. A question is
 * unanswerable if it has `is_impossible` (SQuAD 2.0) or an empty list of answers. A question
 * without a list counts as answerable. Errors: INPUT_DAMAGED where the file is not JSON;
 * INPUT_UNSUPPORTED, with the member, where it has another shape or is too large.
 */
export async function readSquadQuestions(source: ByteSource): Promise<SquadParagraph[]> {
  const { data } = validate(parse(await readWhole(source), source.uri), source.uri);
  return data.flatMap(({ paragraphs }, article) =>
    paragraphs.map(({ context, qas }, index) => ({
      id: `${article}/${index}`,
      context: context.trim(),
      questions: qas.map(({ question: asked, is_impossible: isImpossible, answers }) => ({
        text: asked.trim(),
        // An empty text would be in every context.
        answers: (answers ?? []).map((answer) => answer.text).filter((answer) => answer.trim() !== ''),
        isAnswerable: isImpossible !== true && answers?.length !== 0,
      })),
    })),
  );
}

async function readWhole(source: ByteSource): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of objectText(source)) {
    bytes += piece.length;
    if (bytes > MAX_BYTES)
      throw inputUnsupported(source.uri, `it has more than ${MAX_BYTES} bytes`, 'split it by article');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function parse(bytes: Buffer, uri: string): unknown {
  const json = decodeUtf8(withoutByteOrderMark(bytes));
  if (json === undefined) throw inputDamaged(uri, 'it is not valid UTF-8');
  try {
    return JSON.parse(json);
  } catch {
    // The parser's own message quotes the text.
    throw inputDamaged(uri, 'it is not valid JSON');
  }
}

function validate(value: unknown, uri: string): z.infer<typeof schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const member = issue.path.length === 0 ? 'the file' : issue.path.map(String).join('.');
  const what = `${uri}: this is not SQuAD-style JSON: ${member}: ${issue.message}`;
  const remedy =
    'Give {"data": [{"paragraphs": [{"context": …, "qas": [{"question": …, "answers": [{"text": …}]}]}]}]}.';
  throw refuse('INPUT_UNSUPPORTED', what, remedy, uri);
}
