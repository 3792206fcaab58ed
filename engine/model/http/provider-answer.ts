import { VectormillError } from '../../../core/errors.js';

/** The vectors of one request, and what the provider charges for. */
export interface ProviderVectors {
  /** Row-major `[texts, dimensions]`, in the order of the texts. */
  vectors: Float32Array;
  dimensions: number;
  /** Tokens that the provider says it counted; undefined where it does not say. */
  billedTokens: number | undefined;
}

/** What the answer to a request must hold. */
export interface ExpectedAnswer {
  rows: number;
  /** Undefined: as the first vector has. */
  dimensions: number | undefined;
}

/**
 * Reads what `/v1/embeddings` answers (https://platform.openai.com/docs/api-reference/embeddings/object): vectors as
 * lists of numbers or, in base64, as little-endian float32, put in order by `index`. Undefined for a body that is not
 * JSON. Errors: PROVIDER_INVALID for JSON of another shape; VECTOR_INVALID for a wrong number or length of vectors, an
 * index that is missing, repeated or out of range, and anything but finite numbers; `position` is the text's number.
 */
export function readAnswer(body: string, expected: ExpectedAnswer): ProviderVectors | undefined {
  const answer = parseJson(body);
  if (answer === undefined) return undefined;
  const { data, usage } = (answer ?? {}) as { data?: unknown; usage?: unknown };
  if (!Array.isArray(data)) throw answerInvalid('the answer holds no list `data`');
  const { rows } = expected;
  if (data.length !== rows) throw vectorInvalid(`${data.length} vectors came for ${rows} texts`);
  const byRow = inOrder(data as readonly unknown[]);
  const first = valuesOf(byRow[0], 0);
  const dimensions = expected.dimensions ?? first.length;
  const vectors = new Float32Array(rows * dimensions);
  for (const [row, embedding] of byRow.entries()) {
    const values = valuesOf(embedding, row);
    if (values.length === 0) throw vectorInvalid('a vector has no numbers', row);
    if (values.length !== dimensions)
      throw vectorInvalid(`a vector has ${values.length} numbers where ${dimensions} were expected`, row);
    vectors.set(values, row * dimensions);
  }
  const bad = vectors.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw vectorInvalid('a vector holds values that are not finite', Math.floor(bad / dimensions));
  return { vectors, dimensions, billedTokens: readUsage(usage) };
}

/** Servers written in Python may write NaN and Infinity, which are no JSON; they are told apart from a garbled answer. */
function parseJson(body: string): unknown {
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

/** The embeddings by text. */
function inOrder(data: readonly unknown[]): unknown[] {
  const byRow = new Array<unknown>(data.length);
  const seen = new Set<number>();
  for (const item of data) {
    const { index, embedding } = (item ?? {}) as { index?: unknown; embedding?: unknown };
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= data.length)
      throw vectorInvalid('a vector has no index of a text');
    if (seen.has(index)) throw vectorInvalid('two vectors have one index', index);
    seen.add(index);
    byRow[index] = embedding;
  }
  return byRow;
}

function valuesOf(embedding: unknown, row: number): readonly number[] | Float32Array {
  if (typeof embedding === 'string') return decodeBase64(embedding, row);
  if (!Array.isArray(embedding)) throw vectorInvalid('a vector is no list of numbers', row);
  if (embedding.every((value) => typeof value === 'number')) return embedding as readonly number[];
  throw vectorInvalid('a vector holds values that are not numbers', row);
}

function decodeBase64(text: string, row: number): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0 || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, ''))
    throw vectorInvalid('a vector is no base64 of float32 values', row);
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at));
}

function readUsage(usage: unknown): number | undefined {
  const { total_tokens: total, prompt_tokens: prompt } = (usage ?? {}) as Record<string, unknown>;
  return [total, prompt].find((count): count is number => Number.isSafeInteger(count) && Number(count) >= 0);
}

function vectorInvalid(message: string, position?: number): VectormillError {
  return new VectormillError('VECTOR_INVALID', `the provider's answer cannot be used: ${message}`, {
    component: 'model',
    remedy: 'Nothing of it was written; check the model and its `dimensions` with the provider.',
    ...(position === undefined ? {} : { position }),
  });
}

/** Errors of answers that are no answers of an embeddings endpoint. */
export function answerInvalid(message: string): VectormillError {
  return new VectormillError('PROVIDER_INVALID', `the provider's answer cannot be used: ${message}`, {
    component: 'model',
    remedy: 'Check that `model.provider.url` is that of an OpenAI-compatible API, usually ending in /v1.',
  });
}
