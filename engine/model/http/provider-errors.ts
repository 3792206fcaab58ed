import { type ErrorCode, VectormillError } from '../../../core/errors.js';

/** A request that failed, and what can be done about it. */
export interface RequestFailure {
  error: VectormillError;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** Whether requests of fewer texts may succeed. */
  divisible: boolean;
}

/** Who was asked, for messages. */
export interface Asked {
  endpoint: URL;
  model: string;
  keyEnv: string | undefined;
  /** What was sent: nothing that repeats it is passed on. */
  key: string | undefined;
  texts: readonly string[];
}

const RETRYABLE_STATUS = new Set([408, 409, 425, 429]);
/** How providers say that a request holds too many texts or tokens, or one that they cannot take. */
const DIVISIBLE_STATUS = new Set([400, 413, 422]);

/** What an answer other than 200 means. Of its body only an error code that looks like one is kept. */
export function refusal(status: number, body: string, asked: Asked): RequestFailure {
  const said = errorCode(body);
  const isTold = said !== undefined && !repeatsSecret(said, asked);
  const message = `${place(asked)} answered ${status}${isTold ? ` (${said})` : ''}`;
  const failure = (code: ErrorCode, remedy: string, more: Partial<RequestFailure> = {}): RequestFailure => ({
    error: new VectormillError(code, message, { component: 'model', remedy }),
    retryable: false,
    divisible: false,
    ...more,
  });
  if (status === 401 || status === 403) return failure('PROVIDER_DENIED', keyRemedy(asked));
  if (said === 'insufficient_quota')
    return failure('PROVIDER_DENIED', "The account's quota is used up: add credit, then run it again.");
  if (RETRYABLE_STATUS.has(status) || (status >= 500 && status !== 501))
    return failure('PROVIDER_UNAVAILABLE', 'Try again later, or lower the limits under `model.provider`.', {
      retryable: true,
    });
  if (status === 404)
    return failure('PROVIDER_REFUSED', `Check \`model.provider.url\`, and that it serves ${asked.model}.`);
  if (status < 400)
    return failure('PROVIDER_REFUSED', 'Redirects are not followed: give the final `model.provider.url`.');
  return failure(
    'PROVIDER_REFUSED',
    'Check the model, `dimensions`, `max_tokens` and what a request may hold (`max_batch_texts`, `max_batch_tokens`).',
    { divisible: DIVISIBLE_STATUS.has(status) },
  );
}

/** No whole answer came. */
export function unreachable(reason: string, asked: Asked): RequestFailure {
  const error = new VectormillError('PROVIDER_UNAVAILABLE', `${place(asked)} gave no answer: ${reason}`, {
    component: 'model',
    remedy: 'Check `model.provider.url` and that the provider is up, then run it again.',
  });
  return { error, retryable: true, divisible: false };
}

/** Errors: PROVIDER_DENIED for a variable that is not set, or whose value no header can carry. */
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

/** `error.code` or `error.type` as OpenAI has them, or the same at the top as others do, where it looks like a name. */
function errorCode(body: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  const top = fieldsOf(answer);
  const inner = 'error' in top ? fieldsOf(top.error) : top;
  return [inner.code, inner.type, inner.error_type].find(
    (code): code is string =>
      typeof code === 'string' && code.length <= 48 && /^[A-Za-z]+([_.-][A-Za-z]+)*$/.test(code),
  );
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function repeatsSecret(code: string, { key, texts }: Asked): boolean {
  const isOfKey = key !== undefined && (key.includes(code) || code.includes(key));
  return isOfKey || texts.some((text) => text.includes(code));
}
