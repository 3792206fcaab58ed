import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore, PutResult } from '../../engine/store/object-store.js';
import { openStore } from '../../engine/store/open-store.js';
import { createOnce } from '../../engine/version/create-once.js';
import { moveRef } from '../../engine/version/move-ref.js';
import { readRef } from '../../engine/version/read-ref.js';
import { changedStore } from '../support/changed-store.js';
import { MemoryStore } from '../support/memory-store.js';
import { PROXIED_ATTEMPTS, type ProxiedS3, proxiedS3 } from '../support/proxied-s3.js';
import { refMove } from '../support/ref-move.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/**
 * Bugs of other projects, reproduced on a real S3 server. A proxy in front of it loses answers,
 * injects errors and holds requests back.
 */
const IF_ABSENT = { condition: { ifAbsent: true } } as const;
const REF = 'refs/current.json';
const current = (store: ObjectStore) => readRef(store, 'test', 'current');

let s3: ProxiedS3;
beforeEach(async () => {
  s3 = await proxiedS3();
});
afterEach(() => s3.close());

const text = async (key: string) => Buffer.from(await s3.direct.get(key)).toString();

describe('ClickHouse#112081: a lost answer to a swap is read as a conflict', () => {
  test('a ref whose move went unanswered was moved, once', async () => {
    await moveRef(s3.store, refMove('v1', 0));
    s3.proxy.inject('PUT', REF, { kind: 'lose-answer' });
    expect(await moveRef(s3.store, refMove('v2', 1))).toMatchObject({
      outcome: 'moved',
      record: { version: 'v2', generation: 2 },
    });
    expect(await current(s3.direct)).toMatchObject({ version: 'v2', generation: 2, previous: 'v1' });
  });

  test('a move that went unanswered, and after which somebody else moved the ref, is in its history', async () => {
    await moveRef(s3.store, refMove('v1', 0));
    s3.proxy.inject('PUT', REF, { kind: 'lose-answer' });
    let others: Promise<unknown> = Promise.resolve();
    const until = new Promise<void>((resolve) => {
      others = (async () => {
        while ((await current(s3.direct))?.version !== 'v2');
        await moveRef(s3.direct, refMove('v3', 2));
        resolve();
      })();
    });
    s3.proxy.inject('PUT', REF, { kind: 'hold', until });
    const { outcome } = await moveRef(s3.store, refMove('v2', 1));
    await others;
    expect(outcome).toBe('superseded');
    const record = await current(s3.direct);
    expect(record).toMatchObject({ version: 'v3', generation: 3, previous: 'v2' });
    expect(record?.history.map(({ version }) => version)).toEqual(['v2', 'v1']);
  });

  test('a move of which nobody knows whether it happened is neither done nor refused, and finds itself later', async () => {
    await moveRef(s3.store, refMove('v1', 0));
    s3.proxy.inject('PUT', REF, { kind: 'lose-answer' });
    for (let attempt = 1; attempt < PROXIED_ATTEMPTS; attempt += 1)
      s3.proxy.inject('PUT', REF, { kind: 'answer', status: 503, code: 'SlowDown' });
    await expect(moveRef(s3.store, refMove('v2', 1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await moveRef(s3.store, refMove('v2', 1))).toMatchObject({
      outcome: 'there',
      record: { version: 'v2', generation: 2 },
    });
  });
});

describe('icechunk#2099: a hidden retry meets its own object', () => {
  test('each request is sent by the store, which knows that the one before may have been carried out', async () => {
    s3.proxy.inject('PUT', '/record', { kind: 'lose-answer' });
    const bytes = Buffer.from('mine');
    expect(await createOnce(s3.store, 'record', bytes)).toEqual({ created: true, bytes });
    expect(s3.proxy.seen.filter(({ method }) => method === 'PUT')).toHaveLength(2);
  });

  test('an object of equal length that somebody else wrote is not taken for one’s own', async () => {
    s3.proxy.inject('PUT', '/record', { kind: 'answer', status: 500, code: 'InternalError' });
    s3.proxy.inject('PUT', '/record', { kind: 'hold', until: s3.direct.put('record', Buffer.from('hers')) });
    const { created, bytes } = await createOnce(s3.store, 'record', Buffer.from('mine'));
    expect({ created, text: Buffer.from(bytes).toString() }).toEqual({ created: false, text: 'hers' });
  });
});

describe('netlify/primitives#741: every failure of a conditional write but 412 is reported as written', () => {
  const FAILURES = [
    [400, 'InvalidRequest'],
    [401, 'Unauthorized'],
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [405, 'MethodNotAllowed'],
    [409, 'ConditionalRequestConflict'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
    [501, 'NotImplemented'],
    [502, 'BadGateway'],
    [503, 'ServiceUnavailable'],
    [507, 'InsufficientStorage'],
  ] as const;

  test.each(FAILURES)(
    'a write that the server answers with %s %s until the end throws',
    async (status, code) => {
      const { etag } = (await s3.direct.put('swapped', Buffer.from('before'))) as PutResult & {
        etag: string;
      };
      for (const [key, condition] of [
        ['created', { ifAbsent: true }],
        ['swapped', { ifMatch: etag }],
      ] as const) {
        for (let attempt = 0; attempt < PROXIED_ATTEMPTS; attempt += 1)
          s3.proxy.inject('PUT', `/${key}`, { kind: 'answer', status, code });
        await expect(s3.store.put(key, Buffer.from('after'), { condition })).rejects.toMatchObject({
          code: expect.stringMatching(/^STORE_/),
        });
      }
      expect(await s3.direct.head('created')).toBeUndefined();
      expect(await text('swapped')).toBe('before');
    },
  );

  test('an answer of 412 to a first request means that nothing was written', async () => {
    s3.proxy.inject('PUT', '/created', { kind: 'answer', status: 412, code: 'PreconditionFailed' });
    expect(await s3.store.put('created', Buffer.from('x'), IF_ABSENT)).toEqual({ outcome: 'refused' });
    expect(await s3.direct.head('created')).toBeUndefined();
  });
});

describe('versitygw PR 2288: several of 32 racing writers win', () => {
  const RACERS = 32;
  const ROUNDS = 10;
  const stores: [string, () => ObjectStore][] = [
    ['S3', () => s3.direct],
    ['files', () => openStore(temporaryFolder())],
    ['memory', () => new MemoryStore('memory://race')],
  ];

  test.each(stores)('one of them creates the object, and one of them swaps it: %s', async (_, open) => {
    const store = open();
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = `race-${round}`;
      const created = await race(store, key, { ifAbsent: true });
      const swapped = await race(store, key, { ifMatch: created.etag });
      expect(swapped.etag).not.toBe(created.etag);
    }
  });

  test('one of them creates an object that is uploaded in parts', async () => {
    for (let round = 0; round < 2; round += 1)
      await race(s3.direct, `parts-${round}`, { ifAbsent: true }, true);
  });

  async function race(
    store: ObjectStore,
    key: string,
    condition: { ifAbsent: true } | { ifMatch: string },
    multipart = false,
  ): Promise<{ etag: string }> {
    const bodies = Array.from({ length: RACERS }, () => randomUUID());
    const results = await Promise.all(
      bodies.map((body) => store.put(key, Buffer.from(body), { condition, multipart })),
    );
    const won = results.flatMap((result, racer) =>
      result.outcome === 'written' ? [{ etag: result.etag, body: bodies[racer] }] : [],
    );
    expect(won).toHaveLength(1);
    expect(Buffer.from(await store.get(key)).toString()).toBe(won[0]!.body);
    return won[0]!;
  }
});

describe('arrow-rs-object-store PR 852: 409 on a creation is taken for an object that exists', () => {
  test.each(['ConditionalRequestConflict', 'OperationAborted'])(
    'after %s the creation is tried again',
    async (code) => {
      for (let attempt = 1; attempt < PROXIED_ATTEMPTS; attempt += 1)
        s3.proxy.inject('PUT', '/record', { kind: 'answer', status: 409, code });
      expect(await s3.store.put('record', Buffer.from('mine'), IF_ABSENT)).toMatchObject({
        outcome: 'written',
      });
      expect(await text('record')).toBe('mine');
    },
  );

  test('a store that answers so for ever is unavailable, and whoever creates a record does not adopt one', async () => {
    const conflicted = changedStore(s3.store, {
      get: () => Promise.reject(new Error('there is nothing to adopt')),
    });
    for (let attempt = 0; attempt < PROXIED_ATTEMPTS; attempt += 1)
      s3.proxy.inject('PUT', '/record', { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' });
    await expect(createOnce(conflicted, 'record', Buffer.from('mine'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
