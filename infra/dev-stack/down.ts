import { STATE_FOLDER } from '../project.js';
import { runScript } from '../run-script.js';
import { stopProcess } from './process-identity.js';
import { readStack, removeStack } from './stack-file.js';

/** A worker finishes the part in hand; what it cannot finish is computed again. */
const GRACE_MS = 30_000;

/** `make down`: stops exactly what `make up` started, the worker first. The data stays for the next `make up`. */
await runScript(async () => {
  const { worker, temporal, s3 } = await readStack(STATE_FOLDER);
  const servers = { worker, temporal, versitygw: s3 };
  for (const [name, identity] of Object.entries(servers)) {
    if (!identity) continue;
    const outcome = await stopProcess(identity, GRACE_MS);
    console.log(
      `${name}: ${outcome === 'gone' ? 'was not running any more' : outcome} (process ${identity.pid})`,
    );
  }
  if (!worker && !temporal && !s3) console.log('Nothing is up.');
  await removeStack(STATE_FOLDER);
});
