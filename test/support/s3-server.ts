import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from '../../infra/dev-stack/find-binary.js';
import { VERSITYGW } from '../../infra/dev-stack/pinned-tools.js';
import { startVersitygw } from '../../infra/dev-stack/start-versitygw.js';

export interface TestS3Server {
  endpoint: string;
  accessKey: string;
  secretKey: string;
  stop(): Promise<void>;
}

/**
 * Starts a real S3 server on the loopback address: the configured one, or a versitygw of its own
 * with an empty folder.
 */
export async function startS3Server(): Promise<TestS3Server> {
  const found = await findBinary(VERSITYGW, { install: false, log: () => {} });
  if (found.kind === 'address') {
    const { AWS_ACCESS_KEY_ID: accessKey = '', AWS_SECRET_ACCESS_KEY: secretKey = '' } = process.env;
    return { endpoint: found.address, accessKey, secretKey, stop: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), 'vectormill-s3-'));
  const logFile = join(folder, 'versitygw.log');
  const server = await startVersitygw({
    path: found.path,
    dataDir: join(folder, 'data'),
    logFile,
    outlive: false,
  });
  return {
    endpoint: server.endpoint,
    accessKey: server.credentials.accessKeyId,
    secretKey: server.credentials.secretAccessKey,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
