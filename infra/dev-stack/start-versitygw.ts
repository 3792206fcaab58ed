import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isVectormillError } from '../../core/errors.js';
import { createS3Client } from '../../engine/store/s3-client.js';
import { S3_VARIABLES } from '../../engine/store/s3-variables.js';
import { startOnFreePorts } from './start-on-free-ports.js';
import { type RunningServer, startServer } from './start-server.js';

export interface VersitygwOptions {
  /** The `versitygw` binary. */
  path: string;
  /** The folder of the buckets, which are folders in it. It is made when it is missing. */
  dataDir: string;
  /** The port that is tried first. If it is in use, any free port is taken. */
  port?: number;
  /** The credentials of the server. Without them, new ones are made up. */
  credentials?: S3Credentials;
  logFile: string;
  outlive: boolean;
}

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface S3Address {
  /** The URL, in the form of AWS_ENDPOINT_URL_S3. */
  endpoint: string;
  region: string;
  credentials: S3Credentials;
}

export type S3Server = RunningServer & S3Address;

const REGION = 'us-east-1';

/**
 * Starts an S3 server over a folder on the loopback address. It takes signed requests when this
 * resolves.
 */
export async function startVersitygw(options: VersitygwOptions): Promise<S3Server> {
  await mkdir(options.dataDir, { recursive: true });
  try {
    return await start(options, []);
  } catch (error) {
    if (!isVectormillError(error) || !error.message.includes('xattr')) throw error;
    const sidecar = `${options.dataDir}.metadata`;
    await mkdir(sidecar, { recursive: true });
    return await start(options, ['--sidecar', sidecar]);
  }
}

/**
 * Extended attributes hold the metadata of objects. A file system without them needs `--sidecar`.
 */
async function start(options: VersitygwOptions, metadata: readonly string[]): Promise<S3Server> {
  return startOnFreePorts([options.port], ([port]) => startOn(port!, options, metadata));
}

async function startOn(
  port: number,
  options: VersitygwOptions,
  metadata: readonly string[],
): Promise<S3Server> {
  const address: S3Address = {
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    credentials: options.credentials ?? {
      accessKeyId: 'vectormill',
      secretAccessKey: randomBytes(20).toString('hex'),
    },
  };
  const server = await startServer({
    name: 'the S3 server (versitygw)',
    path: options.path,
    parameters: [
      '--port',
      `127.0.0.1:${port}`,
      '--region',
      REGION,
      '--quiet',
      // S3 itself keeps connections open, too. Without this, every request opens a connection.
      '--keep-alive',
      'posix',
      ...metadata,
      options.dataDir,
    ],
    environment: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ROOT_ACCESS_KEY: address.credentials.accessKeyId,
      ROOT_SECRET_KEY: address.credentials.secretAccessKey,
    },
    logFile: options.logFile,
    answers: () => s3Answers(address),
    timeoutMs: 30_000,
    outlive: options.outlive,
  });
  return { ...server, ...address };
}

/**
 * Returns the variables by which the AWS SDK finds the server. Those that could lead it to another
 * server are empty.
 */
export function s3Environment(address: S3Address): Record<string, string> {
  return {
    ...Object.fromEntries(S3_VARIABLES.map((name) => [name, ''])),
    AWS_ENDPOINT_URL_S3: address.endpoint,
    AWS_ACCESS_KEY_ID: address.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: address.credentials.secretAccessKey,
    AWS_REGION: address.region,
  };
}

/** Returns whether a signed request is accepted. Throws when it is not. */
export async function s3Answers(address: S3Address): Promise<boolean> {
  await withClient(address, (client) => client.send(new ListBucketsCommand({})));
  return true;
}

/** Makes the bucket unless it exists. */
export async function ensureBucket(address: S3Address | undefined, bucket: string): Promise<void> {
  await withClient(address, async (client) => {
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }));
    } catch {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
    }
  });
}

/** Without an address, the AWS SDK reads the settings from the environment. */
async function withClient<T>(
  address: S3Address | undefined,
  use: (client: S3Client) => Promise<T>,
): Promise<T> {
  const client = createS3Client(address ? s3Environment(address) : process.env);
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}
