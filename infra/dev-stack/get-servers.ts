import { runScript } from '../run-script.js';
import { findServers } from './find-servers.js';

/**
 * `make servers`: gets whichever of the dev stack's servers is missing. It prints nothing where
 * both exist. This file and the files that it imports may import no package, because it runs during
 * `npm ci`.
 */
await runScript(async () => {
  const areThere = await findServers({ log: () => {}, install: false }).then(
    () => true,
    () => false,
  );
  if (!areThere) await findServers({ log: console.log, install: true });
});
