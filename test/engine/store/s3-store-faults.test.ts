import { ListMultipartUploadsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createS3Client } from '../../../engine/store/s3-client.js';
import { S3Store } from '../../../engine/store/s3-store.js';
import { type FlakyProxy, startFlakyProxy } from '../../support/flaky-proxy.js';
import { createBucket, testS3Environment } from '../../support/s3-bucket.js';
import { startS3Server, type TestS3Server } from '../../support/s3-server.js';
import { all, bytes } from './contract.js';

const MEBIBYTE = 1_048_576;
const IF_ABSENT = { condition: { ifAbsent: true } } as const;
const ATTEMPTS = 4;
/** A busy machine may take long to send megabytes. */
const PATIENT = { timeout: 20_000 };

let server: TestS3Server;
let bucket: string;
let outside: S3Client;
beforeAll(async () => {
  server = await startS3Server();
  ({ bucket, client: outside } = await createBucket(server));
});
afterAll(async () => {
  outside.destroy();
  await server.stop();
});

describe('the S3 store before a misbehaving server', () => {
  let proxy: FlakyProxy;
  let store: S3Store;
  beforeEach(async ({ task }) => {
    proxy = await startFlakyProxy(server.endpoint);
    store = openStore(testS3Environment(server, proxy.endpoint), { prefix: task.id });
    return async () => {
      await store.close();
      await proxy.close();
    };
  });

  const text = async (key: string) => Buffer.from(await store.get(key)).toString();
  const requests = (method: string, part = '') =>
    proxy.seen.filter((request) => request.method === method && request.url.includes(part));
  const openUploads = async () =>
    (await outside.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];

  test.each([
    [500, 'InternalError'],
    [503, 'SlowDown'],
    [429, 'TooManyRequests'],
    [409, 'ConditionalRequestConflict'],
  ])('an answer of %s %s is followed by another attempt', async (status, code) => {
    proxy.inject('PUT', '/object', { kind: 'answer', status, code });
    proxy.inject('HEAD', '/object', { kind: 'answer', status, code });
    proxy.inject('GET', '/object', { kind: 'answer', status, code });
    proxy.inject('GET', 'list-type', { kind: 'answer', status, code });
    proxy.inject('DELETE', '/object', { kind: 'answer', status, code });
    expect((await store.put('object', Buffer.from('x'), IF_ABSENT)).outcome).toBe('written');
    // The answer to a head has no body, so its code is lost; it is then not known that a 409
    // passes.
    if (status !== 409) expect(await store.head('object')).toMatchObject({ size: 1 });
    expect(await text('object')).toBe('x');
    expect(await all(store.list(''))).toHaveLength(1);
    await store.delete('object');
    expect(requests('PUT')).toHaveLength(2);
    expect(requests('DELETE')).toHaveLength(2);
  });

  test('a store that stays overloaded is unavailable after the last attempt', async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1)
      proxy.inject('PUT', '/object', { kind: 'answer', status: 503, code: 'SlowDown' });
    await expect(store.put('object', Buffer.from('x'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(requests('PUT')).toHaveLength(ATTEMPTS);
  });

  test('a create-once put whose answer was lost recognises its own object', async () => {
    proxy.inject('PUT', '/object', { kind: 'lose-answer' });
    const put = await store.put('object', Buffer.from('mine'), IF_ABSENT);
    expect(put).toEqual({ outcome: 'written', etag: (await store.head('object'))?.etag });
    expect(requests('PUT')).toHaveLength(2);
  });

  test('an If-Match put whose answer was lost recognises its own object', async () => {
    const first = await store.put('object', Buffer.from('first'));
    if (first.outcome === 'refused') throw new Error('refused');
    proxy.inject('PUT', '/object', { kind: 'lose-answer' });
    const put = await store.put('object', Buffer.from('mine'), { condition: { ifMatch: first.etag } });
    expect(put.outcome).toBe('written');
  });

  test("after an uncertain attempt, an object that changes while it is read back is not taken for one's own", async () => {
    const first = await store.put('object', Buffer.from('first'));
    if (first.outcome === 'refused') throw new Error('refused');
    let arrived = () => {};
    const reading = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const rival = () =>
      outside.send(new PutObjectCommand({ Bucket: bucket, Key: keyInBucket('object'), Body: 'hers' }));
    proxy.inject('PUT', '/object', { kind: 'lose-answer' });
    proxy.inject('GET', '/object', { kind: 'hold', until: reading.then(rival) });
    const put = store.put('object', Buffer.from('mine'), { condition: { ifMatch: first.etag } });
    await expect.poll(() => requests('GET', '/object').length, PATIENT).toBe(1);
    arrived();
    expect(await put).toEqual({ outcome: 'refused' });
  });

  test("after an uncertain attempt, another writer's object of equal length is not taken for one's own", async () => {
    const rival = new PutObjectCommand({ Bucket: bucket, Key: keyInBucket('object'), Body: 'hers' });
    proxy.inject('PUT', '/object', { kind: 'answer', status: 500, code: 'InternalError' });
    proxy.inject('PUT', '/object', { kind: 'hold', until: outside.send(rival) });
    expect(await store.put('object', Buffer.from('mine'), IF_ABSENT)).toEqual({ outcome: 'refused' });
    expect(await text('object')).toBe('hers');
  });

  test.each([
    [412, 'PreconditionFailed'],
    [404, 'NoSuchUpload'],
  ])(
    'a multipart upload whose completion went unanswered, and then met %s, knows its own object',
    async (status, code) => {
      const body = bytes(11 * MEBIBYTE, 1);
      proxy.inject('POST', 'uploadId=', { kind: 'lose-answer' });
      proxy.inject('POST', 'uploadId=', { kind: 'answer', status, code });
      const put = await store.put('large', body, IF_ABSENT);
      expect(put).toEqual({ outcome: 'written', etag: (await store.head('large'))?.etag });
      expect(Buffer.compare(await store.get('large'), body)).toBe(0);
      expect(await openUploads()).toEqual([]);
    },
  );

  test('a multipart upload that went unanswered, and then met another write, knows its own object', async () => {
    const body = bytes(11 * MEBIBYTE, 14);
    proxy.inject('POST', 'uploadId=', { kind: 'lose-answer' });
    proxy.inject('POST', 'uploadId=', { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' });
    const put = await store.put('large', body, IF_ABSENT);
    expect(put).toEqual({ outcome: 'written', etag: (await store.head('large'))?.etag });
    expect(await openUploads()).toEqual([]);
  });

  test('a multipart upload that somebody else removed is neither written nor refused', async () => {
    proxy.inject('POST', 'uploadId=', { kind: 'answer', status: 404, code: 'NoSuchUpload' });
    const upload = store.put('large', bytes(11 * MEBIBYTE, 2), IF_ABSENT);
    await expect(upload).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('a multipart upload that met another write is made again from its beginning', async () => {
    proxy.inject('POST', 'uploadId=', { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' });
    expect((await store.put('large', bytes(11 * MEBIBYTE, 2), IF_ABSENT)).outcome).toBe('written');
    expect(requests('POST', 'uploads')).toHaveLength(2);
    expect(await openUploads()).toEqual([]);
  });

  test('of a large body no more parts are held than are being sent', async () => {
    const content = Buffer.alloc(35 * MEBIBYTE, 'large');
    const reads: number[] = [];
    const body = {
      length: content.length,
      read: async (start: number, end: number) => {
        reads.push(end - start);
        return content.subarray(start, end);
      },
    };
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (let part = 0; part < 4; part += 1) proxy.inject('PUT', 'partNumber=', { kind: 'hold', until });
    const put = store.put('large', body);
    try {
      await expect.poll(() => requests('PUT', 'partNumber=').length, PATIENT).toBe(4);
      expect(reads).toEqual([5, 5, 5, 5].map((part) => part * MEBIBYTE));
    } finally {
      release();
      expect((await put).outcome).toBe('written');
    }
    expect(reads).toHaveLength(7);
    expect(Buffer.compare(await store.get('large'), content)).toBe(0);
    expect(await openUploads()).toEqual([]);
  });

  test('a large body whose completion went unanswered is compared piece by piece', async () => {
    const content = bytes(11 * MEBIBYTE, 3);
    const body = {
      length: content.length,
      read: async (start: number, end: number) => content.subarray(start, end),
    };
    proxy.inject('POST', 'uploadId=', { kind: 'lose-answer' });
    proxy.inject('POST', 'uploadId=', { kind: 'answer', status: 412, code: 'PreconditionFailed' });
    const put = await store.put('large', body, IF_ABSENT);
    expect(put).toEqual({ outcome: 'written', etag: (await store.head('large'))?.etag });
  });

  test('a part that failed is sent again, and only that part', async () => {
    const body = bytes(11 * MEBIBYTE, 3);
    proxy.inject('PUT', 'partNumber=2', { kind: 'lose-answer' });
    await store.put('large', body);
    expect(requests('PUT', 'partNumber=')).toHaveLength(4);
    expect(Buffer.compare(await store.get('large'), body)).toBe(0);
  });

  test('a multipart upload that fails leaves neither an object nor an open upload', async () => {
    proxy.inject('PUT', 'partNumber=3', { kind: 'answer', status: 403, code: 'AccessDenied' });
    await expect(store.put('large', bytes(16 * MEBIBYTE, 4))).rejects.toMatchObject({ code: 'STORE_DENIED' });
    expect(await openUploads()).toEqual([]);
    expect(await store.head('large')).toBeUndefined();
  });

  test('a multipart upload that is cancelled leaves neither an object nor an open upload', async () => {
    const controller = new AbortController();
    const never = new Promise(() => {});
    proxy.inject('PUT', 'partNumber=2', { kind: 'hold', until: never });
    const upload = store.put('large', bytes(16 * MEBIBYTE, 5), { signal: controller.signal });
    await expect.poll(() => requests('PUT', 'partNumber=2').length, PATIENT).toBe(1);
    controller.abort();
    await expect(upload).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await openUploads()).toEqual([]);
    expect(await store.head('large')).toBeUndefined();
  });

  test('a refused multipart upload leaves no open upload', async () => {
    const rival = () =>
      outside.send(new PutObjectCommand({ Bucket: bucket, Key: keyInBucket('large'), Body: 'hers' }));
    let arrived = () => {};
    const completing = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    proxy.inject('POST', 'uploadId=', { kind: 'hold', until: completing.then(rival) });
    const upload = store.put('large', bytes(11 * MEBIBYTE, 6), IF_ABSENT);
    await expect.poll(() => requests('POST', 'uploadId=').length, PATIENT).toBe(1);
    arrived();
    expect(await upload).toEqual({ outcome: 'refused' });
    expect(await openUploads()).toEqual([]);
    expect(await text('large')).toBe('hers');
  });

  test('a stream resumes at the byte where its connection broke', async () => {
    const body = bytes(3 * MEBIBYTE, 7);
    await store.put('long', body);
    for (const afterBytes of [1_000_000, 0, 500_000])
      proxy.inject('GET', '/long', { kind: 'cut', afterBytes });
    expect(Buffer.compare(Buffer.concat(await all(store.stream('long'))), body)).toBe(0);
    const ranges = requests('GET').map((request) => request.range);
    expect(ranges).toEqual([
      undefined,
      'bytes=1000000-3145727',
      'bytes=1000000-3145727',
      'bytes=1500000-3145727',
    ]);
  });

  test('a range resumes at the byte where its connection broke', async () => {
    const body = bytes(MEBIBYTE, 8);
    await store.put('long', body);
    proxy.inject('GET', '/long', { kind: 'cut', afterBytes: 1_000 });
    const range = { start: 500, end: 900_000 };
    expect(Buffer.compare(await store.get('long', { range }), body.subarray(500, 900_000))).toBe(0);
    expect(requests('GET')[1]?.range).toBe('bytes=1500-899999');
  });

  test('a stream that keeps breaking at the same byte ends in an error', async () => {
    await store.put('long', bytes(MEBIBYTE, 9));
    proxy.inject('GET', '/long', { kind: 'cut', afterBytes: 1_000 });
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1)
      proxy.inject('GET', '/long', { kind: 'cut', afterBytes: 0 });
    await expect(store.get('long')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('a stream does not continue with another object than the one it began with', async () => {
    await store.put('long', bytes(MEBIBYTE, 10));
    proxy.inject('GET', '/long', { kind: 'cut', afterBytes: 1_000 });
    let received = 0;
    const reading = async () => {
      for await (const piece of store.stream('long')) {
        if (received === 0) await store.put('long', bytes(MEBIBYTE, 11));
        received += piece.length;
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
    expect(received).toBe(1_000);
  });

  test('bytes that changed on the way are detected', async () => {
    await store.put('object', bytes(100_000, 12));
    proxy.inject('GET', '/object', { kind: 'corrupt' });
    await expect(store.get('object')).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    await store.put('large', bytes(11 * MEBIBYTE, 13));
    proxy.inject('GET', '/large', { kind: 'corrupt' });
    await expect(store.get('large')).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    proxy.inject('GET', '/object', { kind: 'cut', afterBytes: 50_000 });
    proxy.inject('GET', '/object', { kind: 'corrupt' });
    await expect(store.get('object')).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  });

  test('a listing whose answer was cut is requested again', async () => {
    for (const key of ['a', 'b', 'c']) await store.put(key, Buffer.from('x'));
    proxy.inject('GET', 'list-type', { kind: 'cut', afterBytes: 300 });
    proxy.inject('GET', 'list-type', { kind: 'lose-answer' });
    expect((await all(store.list(''))).map((info) => info.key)).toEqual(['a', 'b', 'c']);
  });

  test('wrong credentials are refused at once, without a second attempt and without a secret in the message', async () => {
    const secret = 'not-the-secret-key';
    const stranger = openStore({
      ...testS3Environment(server, proxy.endpoint),
      AWS_SECRET_ACCESS_KEY: secret,
    });
    const refused = stranger.put('object', Buffer.from('x')).catch((error: Error) => error);
    expect(await refused).toMatchObject({
      code: 'STORE_DENIED',
      message: expect.not.stringContaining(secret),
    });
    expect(requests('PUT')).toHaveLength(1);
    await expect(stranger.head('object')).rejects.toMatchObject({ code: 'STORE_DENIED' });
    await stranger.close();
  });

  test('a missing bucket is named, whichever operation met it', async () => {
    const lost = openStore(testS3Environment(server), { bucket: 'no-such-bucket' });
    const named = { message: expect.stringContaining('no-such-bucket') };
    await expect(lost.head('object')).rejects.toMatchObject({ code: 'STORE_DENIED', ...named });
    await expect(lost.get('object')).rejects.toMatchObject({ code: 'STORE_DENIED', ...named });
    await expect(lost.put('object', Buffer.from('x'))).rejects.toMatchObject({
      code: 'STORE_DENIED',
      ...named,
    });
    await expect(all(lost.list(''))).rejects.toMatchObject({ code: 'STORE_DENIED', ...named });
    await lost.close();
  });

  test('a store whose address nobody answers is unavailable', async () => {
    await proxy.close();
    await expect(store.head('object')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('no listing shows the folder markers that consoles leave behind', async () => {
    await outside.send(
      new PutObjectCommand({ Bucket: bucket, Key: keyInBucket('folder/'), Body: Buffer.alloc(0) }),
    );
    await store.put('folder/object', Buffer.from('x'));
    expect((await all(store.list(''))).map((info) => info.key)).toEqual(['folder/object']);
  });

  /** Returns the store's prefix in the running test. */
  const keyInBucket = (key: string) => store.root.slice(`s3://${bucket}/`.length).concat('/', key);
});

function openStore(
  environment: Record<string, string>,
  place: { bucket?: string; prefix?: string } = {},
): S3Store {
  return new S3Store({
    client: createS3Client(environment),
    bucket: place.bucket ?? bucket,
    prefix: place.prefix ?? '',
    multipartThresholdBytes: 6 * MEBIBYTE,
    partBytes: 5 * MEBIBYTE,
    retryPolicy: { attempts: ATTEMPTS, baseMs: 1, capMs: 5 },
  });
}
