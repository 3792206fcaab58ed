import { S3ServiceException } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { isTransient, s3Error } from '../../../engine/store/s3-errors.js';

const answer = (name: string, httpStatusCode: number) =>
  new S3ServiceException({
    name,
    $fault: 'client',
    $metadata: { httpStatusCode },
    message: 'what the server said',
  });

test.each([
  ['SignatureDoesNotMatch', 403, 'STORE_DENIED', /secret key does not belong to the access key/],
  ['InvalidAccessKeyId', 403, 'STORE_DENIED', /does not know the access key/],
  ['ExpiredToken', 400, 'STORE_DENIED', /credentials have expired/],
  ['InvalidToken', 400, 'STORE_DENIED', /session token is not valid/],
  ['RequestTimeTooSkewed', 403, 'STORE_DENIED', /clock differs/],
  ['AccessDenied', 403, 'STORE_DENIED', /credentials do not permit this/],
  ['Forbidden', 403, 'STORE_DENIED', /denied access/],
  ['PermanentRedirect', 301, 'STORE_DENIED', /bucket bucket is in another region/],
  ['AuthorizationHeaderMalformed', 400, 'STORE_DENIED', /bucket bucket is in another region/],
  ['QuotaExceeded', 403, 'STORE_FULL', /no space is left/],
  ['XMinioStorageFull', 507, 'STORE_FULL', /no space is left/],
])('%s (%d) is %s in words, and is not tried again', (name, status, code, words) => {
  const error = answer(name, status);
  expect(isTransient(error)).toBe(false);
  const told = s3Error(error, { uri: 's3://bucket/key', bucket: 'bucket' });
  expect(told).toMatchObject({ code, file: 's3://bucket/key' });
  expect(told.message).toMatch(words);
  expect(told.message).toContain(`${name} (${status})`);
  expect(told.message).not.toContain('what the server said');
});

test('a missing region is named as the cause, and not as an answer of the store', () => {
  // What the client throws before it sends a request.
  const told = s3Error(new Error('Region is missing'), { uri: 's3://bucket/key', bucket: 'bucket' });
  expect(told).toMatchObject({
    code: 'STORE_DENIED',
    remedy: 'Set AWS_REGION to the region of the bucket bucket.',
  });
  expect(told.message).toMatch(/^no AWS region is set/);
});
