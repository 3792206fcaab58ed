import { type ErrorCode, VectormillError } from '../../../core/errors.js';

/** A request that failed, and whether another request may succeed. */
export interface RequestFailure {
  error: VectormillError;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** Whether requests of fewer texts may succeed. */
  divisible: boolean;
}

/** The request and the provider that messages name. */
export interface Asked {
  endpoint: URL;
  model: string;
  keyEnv: string | undefined;
  /** The key and the texts that were sent. Messages must not repeat them. */
  key: string | undefined;
  texts: readonly string[];
}

const RETRYABLE_STATUS = new Set([408, 409, 425, 429]);
/**
 * With these, providers say that a request holds too many texts or tokens, or something that they
 * cannot process.
 */
const DIVISIBLE_STATUS = new Set([400, 413, 422]);
/**
 * With status 500 and such a message, llama.cpp and Ollama say that a text, or all texts together,
 * are longer than they were started for.
 */
const TOO_LONG = /\b(?:input|context|batch|prompt)\b.*\b(?:too (?:large|long)|exceeds)\b/i;
/** The fields of a request. */
const REQUEST_FIELDS = new Set(['model', 'input', 'encoding_format', 'dimensions']);
/** Matches what looks like the name of an error, and not like a sentence or a key. */
const NAME = /^(?=.{1,48}$)[A-Za-z]+(?:[_.-][A-Za-z]+)*$/;

/**
 * Returns the meaning of an answer that is an error. Only names are kept of its body: that of the
 * error and that of a field of the request.
 * @param answer the JSON of the body; undefined where it is not JSON
 */
export function refusal(status: number, answer: unknown, asked: Asked): RequestFailure {
  const error = errorIn(answer);
  const description = describe(status, error, asked);
  const failure = failureOf(description.message);
  if (status === 401 || status === 403) return failure('PROVIDER_DENIED', keyRemedy(asked));
  if (status === 402 || description.names.includes('insufficient_quota'))
    return failure('PROVIDER_DENIED', "The account's quota is used up: add credit, then run it again.");
  const isTooLong = status === 500 && typeof error.message === 'string' && TOO_LONG.test(error.message);
  if (RETRYABLE_STATUS.has(status) || (status >= 500 && status !== 501 && !isTooLong))
    return failure('PROVIDER_UNAVAILABLE', 'Try again later, or lower the limits under `model.provider`.', {
      retryable: true,
    });
  if (status === 404)
    return failure('PROVIDER_REFUSED', `Check \`model.provider.url\`, and that it serves ${asked.model}.`);
  if (status < 400)
    return failure('PROVIDER_REFUSED', 'Redirects are not followed: give the final `model.provider.url`.');
  if (description.field === 'dimensions')
    return failure(
      'PROVIDER_REFUSED',
      "The server does not take `dimensions`: leave the model's out; those below `provider` only say what a vector has.",
    );
  return failure(
    'PROVIDER_REFUSED',
    'Check the model, `dimensions`, `max_tokens` and what a request may hold (`max_batch_texts`, `max_batch_tokens`).',
    { divisible: isTooLong || DIVISIBLE_STATUS.has(status) },
  );
}

/**
 * Returns the meaning of an error that comes with status 200, as gateways forward the errors of
 * others. It is undefined where the body holds no error. If the error names a status of its own,
 * that status counts.
 */
export function errorInSuccessAnswer(answer: unknown, asked: Asked): RequestFailure | undefined {
  const { data, error, code: topCode } = fieldsOf(first(answer));
  if (error === undefined || error === null || (Array.isArray(data) && data.length > 0)) return undefined;
  const { code, status } = fieldsOf(error);
  const own = [code, status, topCode].map(Number).find((one) => one >= 400 && one <= 599);
  if (own !== undefined) return refusal(own, answer, asked);
  const { message } = describe(200, errorIn(answer), asked);
  return failureOf(`${message}, which is an error`)(
    'PROVIDER_REFUSED',
    `Check \`model.provider.url\`, which usually ends in /v1, and that it serves ${asked.model}.`,
  );
}

/**
 * Returns whether a refusal is about the field that asks for a format of vectors, which some
 * servers do not know.
 */
export function refusesFormat(status: number, body: string): boolean {
  return (status === 400 || status === 422) && body.includes('encoding_format');
}

/** Returns the failure of a request to which no complete answer came. */
export function unreachable(reason: string, asked: Asked): RequestFailure {
  const error = new VectormillError('PROVIDER_UNAVAILABLE', `${place(asked)} gave no answer: ${reason}`, {
    component: 'model',
    remedy: 'Check `model.provider.url` and that the provider is up, then run it again.',
  });
  return { error, retryable: true, divisible: false };
}

/**
 * Reads the key from an environment variable. Errors: PROVIDER_DENIED for a variable that is not
 * set, or whose value cannot be sent in a header.
 */
export function readKey(keyEnv: string | undefined, environment: NodeJS.ProcessEnv): string | undefined {
  if (keyEnv === undefined) return undefined;
  const key = environment[keyEnv]?.trim();
  const denied = (message: string) =>
    new VectormillError('PROVIDER_DENIED', message, {
      component: 'model',
      remedy: `Set ${keyEnv} to the provider's key, here and for every worker.`,
    });
  if (!key) throw denied(`the environment variable ${keyEnv} holds no key`);
  if (!/^[\x21-\x7e]+$/.test(key)) throw denied(`the environment variable ${keyEnv} holds no usable key`);
  return key;
}

function place({ endpoint, model }: Asked): string {
  return `${endpoint.host}, asked for ${model},`;
}

function keyRemedy({ keyEnv }: Asked): string {
  return keyEnv === undefined
    ? 'Name the environment variable that holds the key as `model.provider.key_env`.'
    : `Check the key in the environment variable ${keyEnv}, here and for every worker, and what it may be used for.`;
}

function failureOf(message: string) {
  return (code: ErrorCode, remedy: string, more: Partial<RequestFailure> = {}): RequestFailure => ({
    error: new VectormillError(code, message, { component: 'model', remedy }),
    retryable: false,
    divisible: false,
    ...more,
  });
}

/**
 * The facts about an error that a message may state: names that look like names, and the field of
 * the request that it is about.
 */
interface ToldError {
  message: string;
  names: readonly string[];
  field: string | undefined;
}

function describe(status: number, error: Record<string, unknown>, asked: Asked): ToldError {
  const names = [error.code, error.type, error.error_type, error.status].filter(
    (name): name is string => typeof name === 'string' && NAME.test(name) && !repeatsSecret(name, asked),
  );
  const field = [error.param, ...(Array.isArray(error.loc) ? error.loc : [])].find(
    (name): name is string => typeof name === 'string' && REQUEST_FIELDS.has(name),
  );
  const named = [names[0], field === undefined ? undefined : `\`${field}\``].filter(
    (part) => part !== undefined,
  );
  const brackets = named.length === 0 ? '' : ` (${named.join(', ')})`;
  return { message: `${place(asked)} answered ${status}${brackets}`, names, field };
}

/**
 * Returns the object that describes an error: `error` in OpenAI's form, `detail` in FastAPI's, or
 * the answer itself. Each may be the first element of a list.
 */
function errorIn(answer: unknown): Record<string, unknown> {
  const top = fieldsOf(first(answer));
  return fieldsOf(first('error' in top ? top.error : 'detail' in top ? top.detail : top));
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function repeatsSecret(code: string, { key, texts }: Asked): boolean {
  const isOfKey = key !== undefined && (key.includes(code) || code.includes(key));
  return isOfKey || texts.some((text) => text.includes(code));
}
