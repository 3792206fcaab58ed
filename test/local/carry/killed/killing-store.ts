import type { ObjectStore } from '../../../../engine/store/object-store.js';
import { changedStore } from '../../../support/changed-store.js';

export type KillMoment = 'before' | 'after';

/** The write at which a process kills itself. */
export interface KilledWrite {
  /** The source of a regular expression that matches the key. */
  key: string;
  /** The number of the write that matches, from 1. */
  nth: number;
  moment: KillMoment;
}

/** Returns a store whose process ends with SIGKILL right before or right after a write. */
export function killingStore(inner: ObjectStore, { key: pattern, nth, moment }: KilledWrite): ObjectStore {
  const matching = new RegExp(pattern);
  let writes = 0;
  return changedStore(inner, {
    put: async (key, body, options) => {
      const isIt = matching.test(key) && ++writes === nth;
      if (isIt && moment === 'before') return die();
      const result = await inner.put(key, body, options);
      return isIt ? die() : result;
    },
  });
}

/** Nothing runs in this process after this. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}
