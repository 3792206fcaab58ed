import { openStore } from '../../../../engine/store/open-store.js';
import { type KilledWrite, killingStore } from './killing-store.js';
import { type NightsToKill, runNight, scheduleOf } from './nights-to-kill.js';

/**
 * A process that runs the third night of a schedule until it kills itself at a write. Its argument
 * is JSON.
 */
const { nights, write } = JSON.parse(process.argv[2]!) as { nights: NightsToKill; write: KilledWrite };
const { output } = scheduleOf(nights).job.spec;
// One store counts the writes of all steps.
const killing = killingStore(openStore(output), write);
await runNight(nights, 3, (root) => (root === output ? killing : openStore(root)));
