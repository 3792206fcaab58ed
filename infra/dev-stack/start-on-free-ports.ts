import { createServer, type Server } from 'node:net';
import { isPortTaken } from './start-server.js';

/**
 * The number of starts that are tried before the server is given up. Other processes also take free
 * ports, but rarely so often.
 */
const MAX_STARTS = 5;

/**
 * Starts a server on free ports, one for each wish (`freePorts`). If another process takes a port
 * after it was found free, the server is started again on other ports. Errors: those of `start`;
 * the last one where every start met a port in use.
 */
export async function startOnFreePorts<Started>(
  wishes: readonly (number | undefined)[],
  start: (ports: readonly number[]) => Promise<Started>,
): Promise<Started> {
  for (let starts = 1; ; starts += 1) {
    try {
      return await start(await freePorts(wishes));
    } catch (error) {
      if (starts === MAX_STARTS || !isPortTaken(error)) throw error;
    }
  }
}

/**
 * Chooses one port of the loopback address for each wish, all of them different. It is the wished
 * port when nothing listens there, else any free port. The ports are free when this resolves, but
 * another process may take them at any moment (see `startOnFreePorts`).
 */
export async function freePorts(wishes: readonly (number | undefined)[]): Promise<number[]> {
  const held: Server[] = [];
  try {
    for (const wish of wishes) held.push((await hold(wish ?? 0)) ?? (await hold(0))!);
    return held.map((server) => (server.address() as { port: number }).port);
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** Listens on the port. Returns undefined where the port is in use, or this user may not use it. */
function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      port !== 0 && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
        ? resolve(undefined)
        : reject(error),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
