import { runScript } from '../run-script.js';
import { findServers } from './find-servers.js';

/**
 * `make servers`: gets what is missing of the dev stack's servers, and says nothing where both are
 * at hand. No package may be imported here or below: this runs while `npm ci` does.
 */
await runScript(async () => {
  const areThere = await findServers({ log: () => {}, install: false }).then(
    () => true,
    () => false,
  );
  if (!areThere) await findServers({ log: console.log, install: true });
});
