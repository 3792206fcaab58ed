import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
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

test('the S3 server of the run answers one request after another over the same connection', async () => {
  const { s3Endpoint } = requireStack();
  const agent = new Agent({ keepAlive: true });
  const isReused = async () => {
    const request = get(s3Endpoint, { agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'close');
    return request.reusedSocket;
  };
  expect([await isReused(), await isReused()]).toEqual([false, true]);
  agent.destroy();
});
