import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { temporalAnswers } from '../../../infra/dev-stack/start-temporal.js';
import { requireStack, TEST_BUCKET } from '../../support/stack.js';

test('every test process reaches the Temporal server of the run', async () => {
  expect(await temporalAnswers(requireStack().temporalAddress)).toBe(true);
});

test('every test process reaches the S3 server of the run by the environment alone, and finds the bucket', async () => {
  requireStack();
  const client = new S3Client({ forcePathStyle: true });
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  client.destroy();
  expect(Buckets?.map((bucket) => bucket.Name)).toContain(TEST_BUCKET);
});
