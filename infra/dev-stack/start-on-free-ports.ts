import { freePorts } from './free-port.js';
import { isPortTaken } from './start-server.js';

/** Starts before it is given up: other processes take free ports too, but not every time. */
const MAX_STARTS = 5;

/**
 * Starts a server on free ports, one for each wish (`freePorts`), and again on other ones where
 * another process has taken one between the look and the start. Errors: those of `start`; the last
 * one where every start met a taken port.
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
