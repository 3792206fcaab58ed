import { Connection } from '@temporalio/client';
import { freePort } from './free-port.js';
import { type RunningServer, startServer } from './start-server.js';

export interface TemporalOptions {
  /** The `temporal` binary. */
  path: string;
  /** Where workflows are kept; in memory when not given. */
  dataFile?: string;
  /** Tried first; any free one when taken. */
  port?: number;
  /** The web interface's; none is served when not given. */
  uiPort?: number;
  logFile: string;
  outlive: boolean;
}

export interface TemporalServer extends RunningServer {
  /** `host:port`, as TEMPORAL_ADDRESS takes it. */
  address: string;
  /** The web interface's URL, where one is served. */
  ui: string | undefined;
}

/** Starts a dev server on the loopback address; its `default` namespace serves when this resolves. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const port = await freePort(options.port);
  const uiPort = options.uiPort === undefined ? undefined : await freePort(options.uiPort);
  const address = `127.0.0.1:${port}`;
  const server = await startServer({
    name: 'the Temporal dev server',
    path: options.path,
    parameters: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
      ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
      ...(options.dataFile === undefined ? [] : ['--db-filename', options.dataFile]),
    ],
    environment: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
    logFile: options.logFile,
    answers: () => temporalAnswers(address),
    timeoutMs: 60_000,
    outlive: options.outlive,
  });
  return { ...server, address, ui: uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}` };
}

/** Whether the namespace can be used; throws when nothing answers within two seconds. */
export async function temporalAnswers(address: string, namespace = 'default'): Promise<boolean> {
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
