import { afterAll, beforeAll } from 'vitest';
import { createS3Client } from '../../../engine/store/s3-client.js';
import { S3Store } from '../../../engine/store/s3-store.js';
import { createBucket, s3Environment } from '../../support/s3-bucket.js';
import { type S3Server, startS3Server } from '../../support/s3-server.js';
import { describeObjectStore } from './contract.js';

const MEBIBYTE = 1_048_576;
let server: S3Server;
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
  const client = createS3Client(s3Environment(server));
  const limits = { multipartThresholdBytes: 6 * MEBIBYTE, partBytes: 5 * MEBIBYTE };
  return new S3Store({ client, bucket, prefix: `prefix/${roots++}`, ...limits });
});
