import { describe, expect, test } from 'vitest';
import { describeObjectStore } from '../engine/store/contract.js';
import type { FaultKind } from './schedule/faults.js';
import { listedFaults } from './schedule/faults.js';
import { SimulatedBucket } from './store/simulated-bucket.js';
import { SimulatedProcess } from './store/simulated-process.js';

const MEBIBYTE = 1_048_576;
const ONCE = { condition: { ifAbsent: true } } as const;

describeObjectStore(
  'the S3 store over a simulated bucket without faults',
  async () => processOf(new SimulatedBucket({ now: Date.now })).store,
);

describe('a simulated bucket with faults', () => {
  test('a write whose answer was lost is found by reading it', async () => {
    const bucket = new SimulatedBucket({ now: Date.now });
    const { store } = processOf(bucket, ['lost answer']);

    expect(await store.put('record', Buffer.from('mine'), ONCE)).toMatchObject({ outcome: 'written' });
    expect(bucket.peek('record')).toBeDefined();
  });

  test.each([
    ['replaced', (bucket: SimulatedBucket) => processOf(bucket).store.put('record', Buffer.from('his!'))],
    ['deleted', (bucket: SimulatedBucket) => processOf(bucket).store.delete('record')],
  ])('a write whose answer was lost, and that was %s while it was read, is refused', async (_, change) => {
    const bucket = new SimulatedBucket({ now: Date.now });
    let turns = 0;
    const turn = async () => {
      turns += 1;
      // The write, its repetition, and a look at what is there come before the object is read.
      if (turns === 4) await change(bucket);
    };
    const { store } = processOf(bucket, ['lost answer'], turn);

    expect(await store.put('record', Buffer.from('mine'), ONCE)).toEqual({ outcome: 'refused' });
    expect(turns).toBe(4);
  });

  test('a request that arrives late is repeated, and refused when it arrives', async () => {
    const bucket = new SimulatedBucket({ now: Date.now });
    const { store } = processOf(bucket, ['late request']);

    expect(await store.put('record', Buffer.from('mine'), ONCE)).toMatchObject({ outcome: 'written' });
  });

  test('a conditional write that met another one is repeated', async () => {
    const { store } = processOf(new SimulatedBucket({ now: Date.now }), ['conflict']);

    expect(await store.put('record', Buffer.from('mine'), ONCE)).toMatchObject({ outcome: 'written' });
  });

  test('a body that breaks off is read on from there', async () => {
    const bucket = new SimulatedBucket({ now: Date.now });
    await processOf(bucket).store.put('record', Buffer.from('in two pieces'));
    const { store } = processOf(bucket, ['broken body']);

    expect(Buffer.from(await store.get('record')).toString()).toBe('in two pieces');
  });

  test('a request that fails more often than it is repeated fails', async () => {
    const { store } = processOf(new SimulatedBucket({ now: Date.now }), [
      'unavailable',
      'lost request',
      'unavailable',
    ]);

    await expect(store.put('record', Buffer.from('mine'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });

  test.each([
    ['crash before', false],
    ['crash after', true],
  ] as const)('a process that has a %s never gets an answer', async (kind, isWritten) => {
    const bucket = new SimulatedBucket({ now: Date.now });
    const { store, lost } = processOf(bucket, [kind]);

    const writing = store.put('record', Buffer.from('mine')).then(() => 'answered');

    expect(await Promise.race([writing, lost.then(() => 'lost')])).toBe('lost');
    expect(bucket.peek('record') !== undefined).toBe(isWritten);
  });

  test('an upload in parts that ends with its process leaves no object', async () => {
    const bucket = new SimulatedBucket({ now: Date.now });
    const { store, lost } = processOf(bucket, [undefined, undefined, undefined, 'crash before']);

    void store.put('large', new Uint8Array(13 * MEBIBYTE));
    await lost;

    expect([...bucket.keys()]).toEqual([]);
  });
});

/** Returns a process whose first requests meet these faults. Calls go on as they come. */
function processOf(
  bucket: SimulatedBucket,
  kinds: readonly (FaultKind | undefined)[] = [],
  turn = async () => {},
) {
  const faults = kinds.flatMap((kind, request) => (kind ? [{ process: 'writer', request, kind }] : []));
  const network = { bucket, scheduler: { turn }, faults: listedFaults(faults) };
  const uploads = { multipartThresholdBytes: 6 * MEBIBYTE, partBytes: 5 * MEBIBYTE };
  return new SimulatedProcess('writer', network, { now: Date.now, uploads });
}
