import { readFileSync } from 'node:fs';
import { openStore } from '../../../engine/store/open-store.js';
import { type KilledTask, type NumberedKill, suicidalStore, takeTask } from './killed-task.js';

/** A process that takes a task until it kills itself. Its argument is a file of JSON. */
const { task, kill, output } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as {
  task: KilledTask;
  kill: NumberedKill;
  output: string;
};
const store = suicidalStore(openStore(output), kill);
await takeTask(task, (root) => (root === output ? store : openStore(root)));
