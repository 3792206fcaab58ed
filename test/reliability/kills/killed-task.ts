import { writeSync } from 'node:fs';
import type { JobRecord } from '../../../core/job-spec.js';
import { DEFAULT_RETENTION } from '../../../core/retention/retention-policy.js';
import { collect } from '../../../engine/retention/collect.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import type { StoreOpener } from '../../../engine/store/store-cache.js';
import { movePinned } from '../../../engine/version/move-pinned.js';
import type { NamedRefMove } from '../../../engine/version/move-ref.js';
import type { OwnedPin } from '../../../engine/version/pins.js';
import { runJobLocally } from '../../../local/run-job.js';
import type { KillMoment } from '../../local/carry/killed/killing-store.js';
import { changedStore } from '../../support/changed-store.js';
import { testProcess } from '../../support/test-tools.js';

/** The work of a process that is killed, or that goes on after others were. */
export type KilledTask =
  | { kind: 'version'; job: JobRecord }
  | { kind: 'promotion'; output: string; pin: OwnedPin; move: NamedRefMove }
  | { kind: 'collection'; output: string };

/** The write or deletion at which a process kills itself. */
export interface NumberedKill {
  /** Its number, from 1. */
  nth: number;
  moment: KillMoment;
}

/** Keeps two versions, and gives readers no time. */
const POLICY = { ...DEFAULT_RETENTION, keep: 2, ageMs: 0, history: 1, graceMs: 0 };

/** Takes a task to its end in this process. */
export async function takeTask(task: KilledTask, openStore: StoreOpener): Promise<unknown> {
  const signal = new AbortController().signal;
  if (task.kind === 'version')
    return runJobLocally(task.job, testProcess({ store: openStore }).tools, signal).done;
  const store = openStore(task.output);
  if (task.kind === 'promotion') return movePinned(store, task.pin, task.move);
  return collect(store, 'test', { policy: POLICY, dropped: [] }, { signal, onDeleted: () => {} });
}

/** Returns a store whose process ends with SIGKILL, and says before at which key. */
export function suicidalStore(inner: ObjectStore, { nth, moment }: NumberedKill): ObjectStore {
  let done = 0;
  const around = async <T>(key: string, call: () => Promise<T>): Promise<T> => {
    // The trial of the store is no part of the work.
    done += key.includes('_vectormill_probe') ? 0 : 1;
    const isIt = done === nth;
    if (isIt && moment === 'before') return die(key);
    const result = await call();
    return isIt ? die(key) : result;
  };
  return changedStore(inner, {
    put: (key, body, options) => around(key, () => inner.put(key, body, options)),
    delete: (key) => around(key, () => inner.delete(key)),
  });
}

/** Nothing runs in this process after this. */
function die(key: string): Promise<never> {
  writeSync(1, key);
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}
