import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import type { ObjectStore } from '../store/object-store.js';
import { encodeJson } from './create-once.js';
import { readTagged } from './read-tagged.js';

/** Every lost attempt means that somebody else wrote the record, so this many can race. */
const ATTEMPTS = 16;

/** A record that is changed by compare-and-swap alone. */
export interface SwappedRecord<T> {
  key: string;
  /** Names the record in errors, such as `the ref current of handbook`. */
  name: string;
  parse: (bytes: Uint8Array, file: string) => T;
}

/**
 * Changes a record by compare-and-swap. `decide` is asked again whenever somebody else was faster.
 * Resolves to `written` with the new record, or to the decision because of which nothing was
 * written. Errors: those of `parse`; STORE_UNAVAILABLE if others keep writing it.
 */
export async function swapRecord<T extends object, Decision extends { outcome: string }>(
  store: ObjectStore,
  { key, name, parse }: SwappedRecord<T>,
  decide: (current: T | undefined) => Decision | { outcome: 'write'; record: T },
): Promise<Exclude<Decision, { outcome: 'write' }> | { outcome: 'written'; record: T }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await readTagged(store, key, parse);
    const decision = decide(current?.record);
    if (decision.outcome !== 'write') return decision as Exclude<Decision, { outcome: 'write' }>;
    const { record } = decision as { outcome: 'write'; record: T };
    const condition = current ? { ifMatch: current.etag } : ({ ifAbsent: true } as const);
    if ((await store.put(key, encodeJson(record), { condition })).outcome === 'written')
      return { outcome: 'written', record };
  }
  throw new VectormillError(
    'STORE_UNAVAILABLE',
    `${name} was written by others ${counted(ATTEMPTS, 'time')} in a row`,
    { component: 'version', file: `${store.root}/${key}`, remedy: 'Try again later.' },
  );
}
