import { VectormillError } from '../../core/errors.js';
import { refKey } from '../../core/layout.js';
import type { RefRecord } from '../../core/ref.js';
import type { ObjectStore } from '../store/object-store.js';
import { encodeJson } from './create-once.js';
import { parseRecord } from './read-json.js';

const ATTEMPTS = 5;

export interface RefMove {
  dataset: string;
  ref: string;
  version: string;
  fingerprint: string;
  /** ms since the epoch. */
  movedAt: number;
}

/**
 * Points a ref at a version by compare-and-swap; nothing is written when it points there already.
 * Errors: STORE_UNAVAILABLE when others keep moving it.
 */
export async function moveRef(store: ObjectStore, move: RefMove): Promise<RefRecord> {
  const key = refKey(move.dataset, move.ref);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const info = await store.head(key);
    const standing = info
      ? parseRecord<RefRecord>(await store.get(key, { ifMatch: info.etag }), 1, `${store.root}/${key}`)
      : undefined;
    if (standing?.version === move.version) return standing;
    const next: RefRecord = {
      formatVersion: 1,
      version: move.version,
      previous: standing?.version ?? null,
      fingerprint: move.fingerprint,
      movedAt: move.movedAt,
    };
    const condition = info ? { ifMatch: info.etag } : ({ ifAbsent: true } as const);
    if ((await store.put(key, encodeJson(next), { condition })).outcome === 'written') return next;
  }
  throw new VectormillError(
    'STORE_UNAVAILABLE',
    `the ref ${move.ref} of ${move.dataset} moved ${ATTEMPTS} times meanwhile`,
    {
      component: 'version',
      file: `${store.root}/${key}`,
      remedy: 'Let one job at a time move this ref.',
    },
  );
}
