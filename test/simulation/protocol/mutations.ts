import { PutObjectCommand } from '@aws-sdk/client-s3';
import { isVectormillError } from '../../../core/errors.js';
import { refKey } from '../../../core/layout.js';
import { decideMove } from '../../../core/ref.js';
import { pinsOfJob } from '../../../core/retention/job-pins.js';
import type { ObjectStore, PutResult } from '../../../engine/store/object-store.js';
import { retry } from '../../../engine/store/retry.js';
import { isConflict, isRefusal, isTransient, s3Error } from '../../../engine/store/s3-errors.js';
import { S3Store } from '../../../engine/store/s3-store.js';
import { encodeJson } from '../../../engine/version/create-once.js';
import { refMoveOf } from '../../../engine/version/finished-version.js';
import { type MovedRef, moveRef, type NamedRefMove } from '../../../engine/version/move-ref.js';
import { pinVersions, unpin } from '../../../engine/version/pins.js';
import { readTaggedRef } from '../../../engine/version/read-ref.js';
import { changedStore } from '../../support/changed-store.js';
import { PROTOCOL, type Protocol } from './protocol.js';

/** Faults that are planted into the protocol. Each must be found by the simulation. */
export const MUTATIONS: Readonly<Record<string, Protocol>> = {
  'a later movedAt wins': {
    ...PROTOCOL,
    ...withMove((store, move) => moveRef(store, { ...move, expected: undefined })),
  },
  'a part that another attempt wrote is adopted without a look at it': {
    ...PROTOCOL,
    ensurePart: (tools, version, place, { compute, describe }) => {
      let own: Uint8Array | undefined;
      return PROTOCOL.ensurePart(tools, version, place, {
        compute: async (turn) => {
          own = await compute(turn);
          return own;
        },
        describe: (bytes) => describe(own ?? bytes),
      });
    },
  },
  'a part is committed before it is durable': {
    ...PROTOCOL,
    ensurePart: async (tools, version, place, { compute, describe }) => {
      const bytes = await compute(Promise.resolve());
      const work = { compute: async () => bytes, describe };
      PROTOCOL.ensurePart(tools, version, place, work).catch(() => {});
      return describe(bytes);
    },
  },
  'the ref is moved before the manifest is durable': {
    ...PROTOCOL,
    createManifest: async (store, layout, manifest) => {
      PROTOCOL.createManifest(store, layout, manifest).catch(() => {});
      return manifest;
    },
  },
  'a create-once write overwrites': withPut((store, key, body, { condition, ...options } = {}) =>
    store.put(key, body, condition && 'ifMatch' in condition ? { condition, ...options } : options),
  ),
  'a compare-and-swap overwrites': withPut((store, key, body, { condition, ...options } = {}) =>
    store.put(key, body, condition && 'ifAbsent' in condition ? { condition, ...options } : options),
  ),
  'a write that failed for any reason but its condition counts as written': withPut(
    async (store, key, body, options) => {
      try {
        return await store.put(key, body, options);
      } catch (error) {
        if (isVectormillError(error)) return { outcome: 'written', etag: '' };
        throw error;
      }
    },
  ),
  'a conditional write that met another one counts as refused': {
    ...PROTOCOL,
    openStore: (options) => new HastyStore(options, isConflict),
  },
  'a swap whose answer was lost is taken for a conflict': {
    ...PROTOCOL,
    openStore: (options) => new HastyStore(options, () => false),
    ...withMove(moveOnce),
  },
};

/** Replaces the move of a ref in those who make one. */
function withMove(move: typeof moveRef): Pick<Protocol, 'movePinned' | 'settleVersion'> {
  const movePinned: Protocol['movePinned'] = async (store, pin, asked) => {
    await pinVersions(store, pin);
    const moved = await move(store, asked!);
    await unpin(store, pin);
    return moved;
  };
  return {
    movePinned,
    settleVersion: ({ store, job }, manifest, { owner }) => {
      const [pin] = pinsOfJob(job);
      return movePinned(
        store,
        { ...pin!, owner },
        refMoveOf({ ref: job.spec.ref, by: 'job' }, job, manifest)!,
      );
    },
  };
}

function withPut(
  put: (store: ObjectStore, ...call: Parameters<ObjectStore['put']>) => Promise<PutResult>,
): Protocol {
  return {
    ...PROTOCOL,
    openStore: (options) => {
      const store = PROTOCOL.openStore(options);
      return changedStore(store, { put: (...call) => put(store, ...call) });
    },
  };
}

type S3StoreOptions = ConstructorParameters<typeof S3Store>[0];

/** A store that never reads what is there when a write is refused. */
class HastyStore extends S3Store {
  readonly #options: S3StoreOptions;
  readonly #isRefusalToo: (error: unknown) => boolean;

  constructor(options: S3StoreOptions, isRefusalToo: (error: unknown) => boolean) {
    super(options);
    this.#options = options;
    this.#isRefusalToo = isRefusalToo;
  }

  override async put(...[key, body, { condition } = {}]: Parameters<ObjectStore['put']>): Promise<PutResult> {
    const { client, bucket, retryPolicy, sleep } = this.#options;
    const write = async (): Promise<PutResult> => {
      const conditions =
        condition && ('ifAbsent' in condition ? { IfNoneMatch: '*' } : { IfMatch: condition.ifMatch });
      try {
        const { ETag = '' } = await client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: body as Uint8Array, ...conditions }),
        );
        return { outcome: 'written', etag: ETag.replaceAll('"', '') };
      } catch (error) {
        if (isRefusal(error) || this.#isRefusalToo(error)) return { outcome: 'refused' };
        throw error;
      }
    };
    try {
      return await retry(write, { isRetryable: isTransient, policy: retryPolicy!, sleep: sleep! });
    } catch (error) {
      throw s3Error(error, { uri: key, bucket });
    }
  }
}

/** Moves a ref, and takes a refusal for the move of somebody else. */
async function moveOnce(store: ObjectStore, { dataset, ref, ...move }: NamedRefMove): Promise<MovedRef> {
  const current = await readTaggedRef(store, dataset, ref);
  const decision = decideMove(current?.record, move);
  if (decision.outcome !== 'write') return decision;
  const { record } = decision;
  const condition = current ? { ifMatch: current.etag } : ({ ifAbsent: true } as const);
  const { outcome } = await store.put(refKey(dataset, ref), encodeJson(record), { condition });
  return { outcome: outcome === 'written' ? 'moved' : 'superseded', record };
}
