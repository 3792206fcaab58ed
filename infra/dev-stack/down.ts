import { STATE_FOLDER } from '../project.js';
import { runScript } from '../run-script.js';
import { stopStack } from './stop-stack.js';

await runScript(() => stopStack(STATE_FOLDER, console.log));
