import type { Configuration } from '../folder/configuration.js';
import { modelInvalid } from '../model-errors.js';

/** The parts of tokenizer.json that a static model needs besides the ids. */
export interface Vocabulary {
  /** The highest id that the tokenizer can return. */
  highestId: number;
  /** The number of tokens, added ones included. */
  size: number;
  /** The id of unknown tokens; undefined where the tokenizer has none. */
  unknownId: number | undefined;
  /** The median length of all tokens in code points, rounded down. Marks such as `##` count. */
  medianTokenLength: number;
  /** The limit that is stored in the file, which sentence-transformers applies. */
  truncation: number | undefined;
}

/** Reads the vocabulary. Errors: MODEL_INVALID where the file holds none. */
export function readVocabulary(tokenizer: Configuration): Vocabulary {
  const ids = readTokenIds(tokenizer);
  const truncation = asObject(tokenizer.values.truncation).max_length;
  return {
    highestId: maximum(ids.values()),
    size: ids.size,
    unknownId: unknownId(asObject(tokenizer.values.model), ids),
    medianTokenLength: Math.floor(medianOf([...ids.keys()].map(codePoints))),
    truncation: typeof truncation === 'number' && truncation > 0 ? truncation : undefined,
  };
}

/**
 * Returns the id of every token of a tokenizer.json, added ones included. Errors: MODEL_INVALID
 * where there is none.
 */
export function readTokenIds({ file, values }: Configuration): ReadonlyMap<string, number> {
  const model = asObject(values.model);
  const ids = new Map<string, number>();
  if (Array.isArray(model.vocab))
    for (const [id, entry] of model.vocab.entries()) ids.set(String((entry as unknown[])[0]), id);
  else for (const [token, id] of Object.entries(asObject(model.vocab))) ids.set(token, Number(id));
  for (const added of Array.isArray(values.added_tokens) ? values.added_tokens : []) {
    const { content, id } = asObject(added);
    ids.set(String(content), Number(id));
  }
  if (ids.size === 0) throw modelInvalid(file, 'the tokenizer holds no vocabulary');
  return ids;
}

/**
 * Reads the id of unknown tokens, which most kinds of tokenizers give by name, and Unigram by id.
 */
function unknownId(
  model: Readonly<Record<string, unknown>>,
  ids: ReadonlyMap<string, number>,
): number | undefined {
  if (model.type === 'Unigram') return typeof model.unk_id === 'number' ? model.unk_id : undefined;
  return typeof model.unk_token === 'string' ? ids.get(model.unk_token) : undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

/**
 * Returns the greatest of up to hundreds of thousands of numbers, which are too many for the
 * arguments of Math.max.
 */
function maximum(numbers: Iterable<number>): number {
  let highest = 0;
  for (const number of numbers) highest = Math.max(highest, number);
  return highest;
}

function codePoints(text: string): number {
  return [...text].length;
}

/** Returns the median as NumPy computes it: of an even count, the mean of the two in the middle. */
function medianOf(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
