import { afterAll, beforeAll, expect, test } from 'vitest';
import { createS3Client } from '../../../engine/store/s3-client.js';
import { S3Store } from '../../../engine/store/s3-store.js';
import { createBucket, testS3Environment } from '../../support/s3-bucket.js';
import { startS3Server, type TestS3Server } from '../../support/s3-server.js';
import { describeObjectStore } from './contract.js';

const MEBIBYTE = 1_048_576;
let server: TestS3Server;
let bucket: string;
let roots = 0;
beforeAll(async () => {
  server = await startS3Server();
  const made = await createBucket(server);
  bucket = made.bucket;
  made.client.destroy();
});
afterAll(() => server.stop());

describeObjectStore('the S3 store', async () => {
  const client = createS3Client(testS3Environment(server));
  const limits = { multipartThresholdBytes: 6 * MEBIBYTE, partBytes: 5 * MEBIBYTE };
  return new S3Store({ client, bucket, prefix: `prefix/${roots++}`, ...limits });
});

test.each([
  ['AWS_SECRET_ACCESS_KEY', 'SignatureDoesNotMatch', /the secret key does not belong to the access key/],
  ['AWS_ACCESS_KEY_ID', 'XAdminUserNotFound', /the S3 store does not know the access key/],
])(
  'a wrong %s is denied in words by every operation, also by one whose answer has no body',
  async (variable, name, words) => {
    const client = createS3Client({ ...testS3Environment(server), [variable]: 'wrong' });
    const store = new S3Store({ client, bucket, prefix: 'denied' });
    const operations = [
      () => store.head('key'),
      () => store.get('key'),
      () => store.put('key', new Uint8Array(1), { condition: { ifAbsent: true } }),
      () => store.put('key', new Uint8Array(1), { multipart: true }),
      () => store.list('')[Symbol.asyncIterator]().next(),
      () => store.delete('key'),
    ];
    for (const operation of operations)
      await expect(operation()).rejects.toMatchObject({
        code: 'STORE_DENIED',
        message: expect.stringMatching(words),
        remedy: `Correct ${variable}.`,
      });
    await expect(store.head('key')).rejects.toThrow(name);
    await store.close();
  },
);
