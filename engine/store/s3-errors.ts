import { S3ServiceException } from '@aws-sdk/client-s3';
import { isVectormillError, type VectormillError } from '../../core/errors.js';
import {
  checksumMismatch,
  objectNotFound,
  storeCancelled,
  storeDenied,
  storeFull,
  storeUnavailable,
  storeUnsupported,
} from './store-errors.js';

const TRANSIENT_NAMES = new Set([
  'TimeoutError',
  'RequestTimeout',
  'SlowDown',
  'ThrottlingException',
  'OperationAborted',
  'ConditionalRequestConflict',
  'BadDigest',
]);
/** The meanings of S3's refusals in words, with instructions for the user. */
const DENIED: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  SignatureDoesNotMatch: [
    'the secret key does not belong to the access key',
    'Correct AWS_SECRET_ACCESS_KEY.',
  ],
  // This is versitygw's own name for it.
  XAdminUserNotFound: ['the S3 store does not know the access key', 'Correct AWS_ACCESS_KEY_ID.'],
  InvalidAccessKeyId: ['the S3 store does not know the access key', 'Correct AWS_ACCESS_KEY_ID.'],
  ExpiredToken: ['the credentials have expired', 'Get new ones, with their AWS_SESSION_TOKEN.'],
  ExpiredTokenException: ['the credentials have expired', 'Get new ones, with their AWS_SESSION_TOKEN.'],
  InvalidToken: [
    'the session token is not valid',
    'Correct AWS_SESSION_TOKEN, or unset it where the keys have none.',
  ],
  TokenProviderError: ['there is no valid token to sign in with', 'Sign in again (`aws sso login`).'],
  RequestTimeTooSkewed: ["the clock differs from the S3 store's", "Set this machine's clock."],
  AccessDenied: [
    'the credentials do not permit this',
    'Permit them to read, write, list and delete objects of this bucket and prefix.',
  ],
  AllAccessDisabled: ['the bucket is closed to everybody', 'Use another bucket.'],
  AccountProblem: ["there is a problem with the store's account", 'Ask whoever runs the store.'],
};
const DENIED_BY_STATUS = [
  'the S3 store denied access',
  'Check the AWS credentials, their expiry and the policy on this bucket and prefix.',
] as const;
const FULL_NAMES = new Set(['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded']);

/** Returns the HTTP status of the store's answer, or undefined if no answer came. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}

/**
 * Says whether the `If-None-Match` or `If-Match` of a write did not hold. S3 answers an `If-Match`
 * on nothing with 404.
 */
export function isRefusal(error: unknown): boolean {
  return statusOf(error) === 412 || nameOf(error) === 'NoSuchKey';
}

/**
 * Says whether two conditional writes of one key met, so that S3 carried out neither of them yet.
 * Either may succeed when it is repeated.
 */
export function isConflict(error: unknown): boolean {
  return nameOf(error) === 'ConditionalRequestConflict';
}

/** Says whether a multipart upload does not exist any more. */
export function isNoSuchUpload(error: unknown): boolean {
  return nameOf(error) === 'NoSuchUpload';
}

/**
 * Says whether the same request may succeed later: after overload, time-outs, a lost connection, or
 * a cut or garbled answer.
 */
export function isTransient(error: unknown): boolean {
  if (isVectormillError(error) || isFull(error)) return false;
  if (TRANSIENT_NAMES.has(nameOf(error))) return true;
  const status = statusOf(error);
  if (status !== undefined)
    return status === 408 || status === 429 || (status >= 500 && status !== 501) || status < 300;
  return isConnectionError(error);
}

/**
 * Recognises Node's `E…` codes of the system and the socket, and what its HTTP parser says of a
 * broken answer.
 */
function isConnectionError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(E[A-Z]+|HPE_\w+|ERR_STREAM_PREMATURE_CLOSE)$/.test(code);
}

/** Says whether the store has no space left, for which HTTP has the status 507. */
function isFull(error: unknown): boolean {
  return FULL_NAMES.has(nameOf(error)) || statusOf(error) === 507;
}

/** Says whether the store refuses access without a reason, as it must if an answer has no body. */
export function isWordlessDenial(error: unknown): boolean {
  return statusOf(error) === 403 && DENIED[nameOf(error)] === undefined;
}

interface Place {
  uri: string;
  bucket: string;
}

/**
 * Returns what a failed request means to a store's user. Only the name and the request id of a
 * service error are kept.
 */
export function s3Error(error: unknown, { uri, bucket }: Place): VectormillError {
  if (isVectormillError(error)) return error;
  const name = nameOf(error);
  const status = statusOf(error);
  const said = `the S3 store answered ${name}${status === undefined ? '' : ` (${status})`}${requestOf(error)}`;
  if (name === 'AbortError') return storeCancelled();
  if (name === 'NoSuchBucket') return noSuchBucket(bucket);
  if (name === 'BadDigest') return checksumMismatch(uri);
  if (name === 'CredentialsProviderError')
    return storeDenied(
      uri,
      'there are no AWS credentials',
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.',
    );
  if (isFull(error))
    return storeFull(uri, `no space is left in the S3 store, or its quota is used up: ${said}`);
  const known = DENIED[name] ?? (status === 401 || status === 403 ? DENIED_BY_STATUS : undefined);
  if (known) return storeDenied(uri, `${known[0]}: ${said}`, known[1]);
  if (isRegionMissing(error) || isOtherRegion(name, status)) {
    const what = isRegionMissing(error)
      ? 'no AWS region is set'
      : `the bucket ${bucket} is in another region: ${said}`;
    return storeDenied(uri, what, `Set AWS_REGION to the region of the bucket ${bucket}.`);
  }
  if (name === 'NoSuchKey' || name === 'NotFound') return objectNotFound(uri);
  const final = status !== undefined && status >= 400 && !isTransient(error) && !isNoSuchUpload(error);
  if (final)
    return storeUnsupported(uri, said, 'This store cannot do what is asked: use AWS S3 or one that can.');
  if (status !== undefined) return storeUnavailable(uri, said);
  return storeUnavailable(uri, `the S3 store cannot be reached: ${codeOrName(error)}`, error);
}

/** Returns the error for a bucket that does not exist or cannot be seen. */
export function noSuchBucket(bucket: string): VectormillError {
  return storeDenied(
    `s3://${bucket}`,
    `there is no bucket ${bucket}, or it is not visible`,
    'Create the bucket, or correct its name, the endpoint, the region or the credentials.',
  );
}

function isRegionMissing(error: unknown): boolean {
  return error instanceof Error && error.message === 'Region is missing';
}

function isOtherRegion(name: string, status: number | undefined): boolean {
  return name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed' || status === 301;
}

function requestOf(error: unknown): string {
  const id = error instanceof S3ServiceException ? error.$metadata.requestId : undefined;
  return id === undefined ? '' : `, request ${id}`;
}

function codeOrName(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : nameOf(error);
}
