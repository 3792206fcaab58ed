import { counted } from '../../core/counted.js';
import { isVectormillError, VectormillError } from '../../core/errors.js';
import { refKey } from '../../core/layout.js';
import type { RefRecord } from '../../core/ref.js';
import type { ObjectStore } from '../store/object-store.js';
import { encodeJson } from './create-once.js';
import { parseRecord } from './read-json-record.js';

/** Every lost attempt means that another job moved the ref, so this many can race. */
const ATTEMPTS = 16;

/** The version to which a ref shall point, and the time at which it became readable. */
export interface RefMove {
  dataset: string;
  ref: string;
  version: string;
  fingerprint: string;
  /** The time in ms since the epoch. */
  movedAt: number;
}

/**
 * Points a ref at a version by compare-and-swap. Nothing is written if it already points there, or
 * if it was moved later than the date of this move: a job that is run again after it was superseded
 * must not take the ref back.
 * Errors: STORE_UNAVAILABLE if others keep moving it.
 */
export async function moveRef(store: ObjectStore, move: RefMove): Promise<RefRecord> {
  const key = refKey(move.dataset, move.ref);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await readRef(store, key);
    if (current === 'moving') continue;
    if (current && isMoved(current.record, move)) return current.record;
    const next: RefRecord = {
      formatVersion: 1,
      version: move.version,
      previous: current?.record.version ?? null,
      fingerprint: move.fingerprint,
      movedAt: move.movedAt,
    };
    const condition = current ? { ifMatch: current.etag } : ({ ifAbsent: true } as const);
    if ((await store.put(key, encodeJson(next), { condition })).outcome === 'written') return next;
  }
  throw new VectormillError(
    'STORE_UNAVAILABLE',
    `the ref ${move.ref} of ${move.dataset} was moved by other jobs ${counted(ATTEMPTS, 'time')} in a row`,
    {
      component: 'version',
      file: `${store.root}/${key}`,
      remedy: 'Let one job at a time move this ref.',
    },
  );
}

function isMoved(current: RefRecord, { version, movedAt }: Pick<RefMove, 'version' | 'movedAt'>): boolean {
  return current.version === version || current.movedAt > movedAt;
}

/** Says whether `moveRef` would find nothing to do. Writes nothing. */
export async function isRefMoved(store: ObjectStore, move: RefMove): Promise<boolean> {
  const current = await readRef(store, refKey(move.dataset, move.ref));
  return current !== 'moving' && current !== undefined && isMoved(current.record, move);
}

/**
 * Reads a ref and its entity tag. The result is `moving` if the ref was moved between the two
 * requests.
 */
async function readRef(
  store: ObjectStore,
  key: string,
): Promise<{ record: RefRecord; etag: string } | 'moving' | undefined> {
  const info = await store.head(key);
  if (!info) return undefined;
  try {
    const bytes = await store.get(key, { ifMatch: info.etag });
    return { record: parseRecord<RefRecord>(bytes, 1, `${store.root}/${key}`), etag: info.etag };
  } catch (error) {
    if (isVectormillError(error) && ['INPUT_CHANGED', 'OBJECT_NOT_FOUND'].includes(error.code))
      return 'moving';
    throw error;
  }
}
