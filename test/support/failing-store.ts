import type { ObjectStore } from '../../engine/store/object-store.js';

/**
 * The end of a process, as the code under test sees it. From then on every call throws this error,
 * which has no code.
 */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/** Names the moment of a crash: `put:after:test/versions/v1/job.json`. */
export type CrashPoint = `${'head' | 'get' | 'list' | 'put' | 'delete'}:${'before' | 'after'}:${string}`;

/** Asks one function at every moment of every store whether the process ends there. */
export class CrashPlan {
  readonly points: CrashPoint[] = [];
  #dead = false;
  readonly #dies: (point: CrashPoint, index: number) => boolean;

  constructor(dies: (point: CrashPoint, index: number) => boolean) {
    this.#dies = dies;
  }

  reach(point: CrashPoint): void {
    if (this.#dead) throw new SimulatedCrash('the process is gone');
    this.points.push(point);
    this.#dead = this.#dies(point, this.points.length - 1);
    if (this.#dead) throw new SimulatedCrash(point);
  }
}

/** Returns a store that behaves as `inner` until the plan says that the process has ended. */
export function failingStore(inner: ObjectStore, plan: CrashPlan): ObjectStore {
  const around = async <T>(
    operation: 'head' | 'get' | 'put' | 'delete',
    key: string,
    call: () => Promise<T>,
  ) => {
    plan.reach(`${operation}:before:${key}`);
    const result = await call();
    plan.reach(`${operation}:after:${key}`);
    return result;
  };
  return {
    root: inner.root,
    head: (key) => around('head', key, () => inner.head(key)),
    get: (key, options) => around('get', key, () => inner.get(key, options)),
    put: (key, body, options) => around('put', key, () => inner.put(key, body, options)),
    delete: (key) => around('delete', key, () => inner.delete(key)),
    async *stream(key, options) {
      plan.reach(`get:before:${key}`);
      yield* inner.stream(key, options);
      plan.reach(`get:after:${key}`);
    },
    async *list(prefix) {
      plan.reach(`list:before:${prefix}`);
      yield* inner.list(prefix);
      plan.reach(`list:after:${prefix}`);
    },
    close: () => inner.close(),
  };
}
