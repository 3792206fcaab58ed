import { freePorts } from './free-port.js';
import { isPortTaken } from './start-server.js';

/**
 * How many starts are tried before the server is given up. Other processes also take free ports,
 * but rarely so often.
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
