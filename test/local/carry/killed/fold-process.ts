import { openStore } from '../../../../engine/store/open-store.js';
import { foldedJob, makeFoldedVersion } from './folded-version.js';
import { type KilledWrite, killingStore } from './killing-store.js';

/** A process that makes a folded version until it kills itself at a write. Its argument is JSON. */
const { folder, output, write } = JSON.parse(process.argv[2]!) as {
  folder: string;
  output: string;
  write: KilledWrite;
};
const job = foldedJob(folder, output);
await makeFoldedVersion(job, (root) =>
  root === job.spec.output ? killingStore(openStore(root), write) : openStore(root),
);
