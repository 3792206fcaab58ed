import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from '../../engine/store/s3-client.js';
import type { TestS3Server } from './s3-server.js';

/** Returns the AWS variables that lead to this server, or to a proxy in front of it. */
export function testS3Environment(server: TestS3Server, endpoint = server.endpoint): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: server.accessKey,
    AWS_SECRET_ACCESS_KEY: server.secretKey,
  };
}

/** Creates a new, empty bucket, and a plain client to inspect it. */
export async function createBucket(server: TestS3Server): Promise<{ bucket: string; client: S3Client }> {
  const bucket = `test-${randomUUID()}`;
  const client = createS3Client(testS3Environment(server));
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { bucket, client };
}
