import { createHash, randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { startOnFreePorts } from './start-on-free-ports.js';
import { type RunningServer, startServer } from './start-server.js';

export interface TemporalOptions {
  /** The `temporal` binary. */
  path: string;
  /** The file in which workflows are kept. Without it they are kept in memory. */
  dataFile?: string;
  /** The port that is tried first. If it is in use, any free port is taken. */
  port?: number;
  /** The port of the web interface. Without it, none is served. */
  uiPort?: number;
  logFile: string;
  outlive: boolean;
}

export interface TemporalServer extends RunningServer {
  /** The address as `host:port`, the form of TEMPORAL_ADDRESS. */
  address: string;
  /** The web interface's URL, where one is served. */
  ui: string | undefined;
}

/** The namespace that every dev server has. */
export const NAMESPACE = 'default';

/**
 * Starts a dev server on the loopback address. Its `default` namespace works when this resolves.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const wishes = options.uiPort === undefined ? [options.port] : [options.port, options.uiPort];
  return startOnFreePorts(wishes, ([port, uiPort]) => startOn(options, port!, uiPort));
}

async function startOn(
  options: TemporalOptions,
  port: number,
  uiPort: number | undefined,
): Promise<TemporalServer> {
  const address = `127.0.0.1:${port}`;
  const mark = markOf(options.dataFile);
  const server = await startServer({
    name: 'the Temporal dev server',
    path: options.path,
    parameters: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
      ...['--namespace', mark],
      ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
      ...(options.dataFile === undefined ? [] : ['--db-filename', options.dataFile]),
    ],
    environment: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
    logFile: options.logFile,
    answers: async () => (await temporalAnswers(address, mark)) && (await temporalAnswers(address)),
    timeoutMs: 60_000,
    outlive: options.outlive,
  });
  return { ...server, address, ui: uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}` };
}

/**
 * Returns the name of a namespace that only this server has, so that another server on the same
 * port is not mistaken for it. A server that keeps its data has the same namespace at every start.
 */
function markOf(dataFile: string | undefined): string {
  const own = createHash('sha256').update(dataFile ?? randomUUID());
  return `vectormill-${own.digest('hex').slice(0, 12)}`;
}

/** Returns whether the namespace can be used. Throws when nothing answers within two seconds. */
export async function temporalAnswers(address: string, namespace = NAMESPACE): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } finally {
    await connection.close();
  }
}
