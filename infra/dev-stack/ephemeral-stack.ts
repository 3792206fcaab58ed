import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfiguredS3, checkConfiguredTemporal } from './configured-server.js';
import type { FoundTool } from './find-binary.js';
import { findServers } from './find-servers.js';
import { NAMESPACE, startTemporal } from './start-temporal.js';
import { ensureBucket, s3Environment, startVersitygw } from './start-versitygw.js';

/** The bucket that every dev stack has. */
export const BUCKET = 'vectormill';

export interface EphemeralStack {
  /**
   * The environment variables that a process needs to reach the servers. Those that were already
   * set are not included.
   */
  environment: Readonly<Record<string, string>>;
  /** Whether the S3 server was started here, so that its objects are files in `dataDir`. */
  ownS3: boolean;
  stop: () => Promise<void>;
}

export interface EphemeralStackOptions {
  log: (line: string) => void;
  /** Whether a missing binary may be downloaded or compiled. */
  install: boolean;
  /**
   * The folder in which the S3 server keeps its objects. By default it is a temporary folder that
   * is removed with the server.
   */
  dataDir?: string;
}

interface Started {
  environment: Record<string, string>;
  stop: () => Promise<void>;
}

const NOTHING_STARTED: Started = { environment: {}, stop: async () => {} };

/**
 * Starts the servers that are not configured already, on free ports, for a demo or a test run. The
 * servers end with this process, however it ends. Errors: as `findBinary`; INTERNAL,
 * TEMPORAL_UNAVAILABLE or STORE_UNAVAILABLE when a server does not work.
 */
export async function startEphemeralStack(options: EphemeralStackOptions): Promise<EphemeralStack> {
  const { temporal, s3 } = await findServers(options);
  const folder = await mkdtemp(join(tmpdir(), 'vectormill-stack-'));
  const results = await Promise.allSettled([
    temporalOf(temporal, folder),
    s3Of(s3, folder, options.dataDir ?? join(folder, 's3')),
  ]);
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    await stop();
    throw result.reason;
  }
  const environment = Object.assign({}, ...started.map((server) => server.environment));
  return { environment, ownS3: s3.kind === 'binary', stop };
}

async function temporalOf(tool: FoundTool, folder: string): Promise<Started> {
  if (tool.kind === 'address') {
    await checkConfiguredTemporal(tool.address);
    return NOTHING_STARTED;
  }
  const logFile = join(folder, 'temporal.log');
  const { address, stop } = await startTemporal({ path: tool.path, logFile, outlive: false });
  return { environment: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: NAMESPACE }, stop };
}

async function s3Of(tool: FoundTool, folder: string, dataDir: string): Promise<Started> {
  if (tool.kind === 'address') {
    await checkConfiguredS3(tool.address, BUCKET);
    return NOTHING_STARTED;
  }
  const logFile = join(folder, 'versitygw.log');
  const server = await startVersitygw({ path: tool.path, dataDir, logFile, outlive: false });
  await ensureBucket(server, BUCKET);
  return { environment: s3Environment(server), stop: server.stop };
}
