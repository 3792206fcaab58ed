import { counted } from '../../../core/counted.js';
import { VectormillError } from '../../../core/errors.js';

/** The vectors of one request, and the tokens that the provider charges for. */
export interface ProviderVectors {
  /** Row-major `[texts, dimensions]`, in the order of the texts. */
  vectors: Float32Array;
  dimensions: number;
  /** The number of tokens that the provider counted; undefined where it does not say it. */
  billedTokens: number | undefined;
}

/** The properties that the answer to a request must have. */
export interface ExpectedAnswer {
  rows: number;
  /** Undefined means that all vectors must have as many dimensions as the first. */
  dimensions: number | undefined;
}

/**
 * Reads an answer of `/v1/embeddings`
 * (https://platform.openai.com/docs/api-reference/embeddings/object). Vectors are lists of numbers
 * or little-endian float32 in base64. They are ordered by their `index`. If no vector has one, they
 * are in the order of the texts. If one vector lacks it, it belongs to the text that is left over.
 * Errors: PROVIDER_INVALID for JSON of another shape; VECTOR_INVALID for a wrong number or length
 * of vectors, for indexes that do not assign each text a vector, and for numbers that are not
 * finite. `position` is the text's number.
 */
export function readAnswer(answer: unknown, expected: ExpectedAnswer): ProviderVectors {
  const { data, usage } = (answer ?? {}) as { data?: unknown; usage?: unknown };
  if (!Array.isArray(data)) throw answerInvalid('the answer holds no list `data`');
  const { rows } = expected;
  if (data.length !== rows) throw wrongCount(data.length, rows);
  const byRow = inOrder(data as readonly unknown[]);
  const first = valuesOf(byRow[0], 0);
  const dimensions = expected.dimensions ?? first.length;
  const vectors = new Float32Array(rows * dimensions);
  for (const [row, embedding] of byRow.entries()) {
    const values = valuesOf(embedding, row);
    if (values.length === 0) throw vectorInvalid('a vector has no numbers', row);
    if (values.length !== dimensions)
      throw vectorInvalid(
        `a vector has ${counted(values.length, 'number')} where ${dimensions} were expected`,
        row,
      );
    vectors.set(values, row * dimensions);
  }
  const bad = vectors.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw vectorInvalid('a vector holds values that are not finite', Math.floor(bad / dimensions));
  return { vectors, dimensions, billedTokens: readUsage(usage) };
}

/**
 * Returns the embeddings in the order of the texts. Servers that write protocol buffers as JSON
 * leave out an index of 0; other servers leave out all indexes.
 */
function inOrder(data: readonly unknown[]): unknown[] {
  const items = data.map((item) => (item ?? {}) as { index?: unknown; embedding?: unknown });
  const without = items.filter(({ index }) => isMissing(index)).length;
  if (without === items.length) return items.map(({ embedding }) => embedding);
  if (without > 1)
    throw vectorInvalid(`${without} of ${counted(items.length, 'vector')} have no index of a text`);
  const rows = items.map(({ index }) => (isMissing(index) ? undefined : readIndex(index, items.length)));
  const taken = new Set<number>();
  for (const row of rows) {
    if (row === undefined) continue;
    if (taken.has(row)) throw vectorInvalid('two vectors have one index', row);
    taken.add(row);
  }
  const left = items.findIndex((_, row) => !taken.has(row));
  const byRow = new Array<unknown>(items.length);
  for (const [at, { embedding }] of items.entries()) byRow[rows[at] ?? left] = embedding;
  return byRow;
}

function isMissing(index: unknown): boolean {
  return index === undefined || index === null;
}

/** Reads an index, a whole number that some servers write as text. */
function readIndex(index: unknown, rows: number): number {
  const row = typeof index === 'string' && /^\d{1,9}$/.test(index) ? Number(index) : index;
  if (typeof row === 'number' && Number.isInteger(row) && row >= 0 && row < rows) return row;
  throw vectorInvalid('a vector has an index that is none of a text');
}

function valuesOf(embedding: unknown, row: number): readonly number[] | Float32Array {
  if (typeof embedding === 'string') return decodeBase64(embedding, row);
  if (!Array.isArray(embedding)) throw vectorInvalid('a vector is no list of numbers', row);
  if (embedding.some(Array.isArray))
    throw vectorInvalid('a vector is a list of lists, as servers give that do not pool tokens', row);
  if (embedding.every((value) => typeof value === 'number')) return embedding as readonly number[];
  throw vectorInvalid('a vector holds values that are not numbers', row);
}

function decodeBase64(text: string, row: number): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0 || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, ''))
    throw vectorInvalid('a vector is no base64 of float32 values', row);
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at));
}

/**
 * Reads how many tokens were counted. Servers that do not count say 0, although every text that is
 * sent has tokens.
 */
function readUsage(usage: unknown): number | undefined {
  const { total_tokens: total, prompt_tokens: prompt } = (usage ?? {}) as Record<string, unknown>;
  return [total, prompt].find((count): count is number => Number.isSafeInteger(count) && Number(count) > 0);
}

function wrongCount(vectors: number, texts: number): VectormillError {
  const { code, message, component } = vectorInvalid(
    `${counted(vectors, 'vector')} came for ${counted(texts, 'text')}`,
  );
  const remedy =
    'Nothing of it was written; where the server takes one text a request, set `max_batch_texts: 1` below `provider`.';
  return new VectormillError(code, message, { component, remedy });
}

function vectorInvalid(message: string, position?: number): VectormillError {
  return new VectormillError('VECTOR_INVALID', `the provider's answer cannot be used: ${message}`, {
    component: 'model',
    remedy: 'Nothing of it was written; check the model and its `dimensions` with the provider.',
    ...(position === undefined ? {} : { position }),
  });
}

/** Returns the error for an answer that does not come from an embeddings endpoint. */
export function answerInvalid(message: string): VectormillError {
  return new VectormillError('PROVIDER_INVALID', `the provider's answer cannot be used: ${message}`, {
    component: 'model',
    remedy: 'Check that `model.provider.url` is that of an OpenAI-compatible API, usually ending in /v1.',
  });
}

/**
 * Returns the value of a JSON body, and undefined for any other body. Servers written in Python may
 * write NaN and Infinity, which are not JSON. They are read as null, so that such an answer is not
 * taken for a garbled one.
 */
export function parseBody(text: string): unknown {
  const body = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(body);
  } catch {
    try {
      return JSON.parse(body.replace(/(?<=[[,:\s])-?(?:NaN|Infinity)(?=[\],}\s])/g, 'null'));
    } catch {
      return undefined;
    }
  }
}
