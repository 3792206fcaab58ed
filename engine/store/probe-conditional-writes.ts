import { randomUUID } from 'node:crypto';
import type { ObjectStore, PutOptions, PutResult } from './object-store.js';
import { storeUnsupported } from './store-errors.js';

/** With fewer racers, a server that lets several win now and then would pass too often. */
const RACERS = 32;

/** Stores that passed, so that the commands and steps of one process try each of them once. */
const passed = new WeakSet<ObjectStore>();

/**
 * Tests whether the store honours conditional writes, on which exactly-once output rests, both for
 * objects written in one request and for those in parts, and whether it lists what was just written
 * and nothing that was just deleted. It leaves nothing behind. A store that has passed once is not
 * asked again. Errors: STORE_UNSUPPORTED with what the store did, STORE_DENIED, STORE_UNAVAILABLE.
 */
export async function probeConditionalWrites(store: ObjectStore): Promise<void> {
  if (passed.has(store)) return;
  const outcomes = await Promise.allSettled([false, true].map((multipart) => probeWrites(store, multipart)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  passed.add(store);
}

async function probeWrites(store: ObjectStore, multipart: boolean): Promise<void> {
  const key = `_vectormill_probe-${randomUUID()}`;
  const probe = new Probe(store, key, multipart);
  try {
    await probeOneWriter(probe);
    await probe.expectListed(true);
    await store.delete(key);
    await probe.expectListed(false);
    await probeRace(probe);
  } finally {
    await store.delete(key);
  }
}

class Probe {
  constructor(
    readonly store: ObjectStore,
    readonly key: string,
    readonly multipart: boolean,
  ) {}

  put(text: string, condition: NonNullable<PutOptions['condition']>): Promise<PutResult> {
    return this.store.put(this.key, Buffer.from(text), { condition, multipart: this.multipart });
  }

  async expect(text: string, expectation: string): Promise<void> {
    const found = Buffer.from(await this.store.get(this.key)).toString();
    if (found !== text) throw this.dishonest(expectation);
  }

  /** Whoever plans or collects files must see each of them, and none that is gone. */
  async expectListed(expected: boolean): Promise<void> {
    let isListed = false;
    for await (const { key } of this.store.list(this.key)) isListed ||= key === this.key;
    if (isListed === expected) return;
    throw storeUnsupported(
      this.store.root,
      expected
        ? 'the store does not list an object that was just written'
        : 'the store lists an object that was just deleted',
      'Use AWS S3, versitygw, another store whose listings are up to date, or a local file system.',
    );
  }

  dishonest(reason: string) {
    const how = this.multipart ? 'a multipart upload' : 'a put';
    return storeUnsupported(
      this.store.root,
      `the store has no honest conditional writes: in ${how}, ${reason}`,
      'Use AWS S3, versitygw, another store that honours If-None-Match and If-Match, or a local file system.',
    );
  }
}

async function probeOneWriter(probe: Probe): Promise<void> {
  const created = await probe.put('first', { ifAbsent: true });
  if (created.outcome === 'refused')
    throw probe.dishonest('it refused to create an object that was not there');
  if ((await probe.put('second', { ifAbsent: true })).outcome === 'written')
    throw probe.dishonest('If-None-Match: * did not keep it from overwriting an object');
  await probe.expect('first', 'a refused If-None-Match write changed the object');

  if ((await probe.put('third', { ifMatch: '0'.repeat(32) })).outcome === 'written')
    throw probe.dishonest('If-Match with a wrong entity tag did not keep it from overwriting an object');
  await probe.expect('first', 'a refused If-Match write changed the object');

  if ((await probe.put('fourth', { ifMatch: created.etag })).outcome === 'refused')
    throw probe.dishonest('If-Match with the right entity tag was refused');
  await probe.expect('fourth', 'an accepted If-Match write did not change the object');
  if ((await probe.put('fifth', { ifMatch: created.etag })).outcome === 'written')
    throw probe.dishonest('the entity tag did not change with the content');
}

async function probeRace(probe: Probe): Promise<void> {
  const racers = Array.from({ length: RACERS }, (_, racer) => `racer ${racer}`);
  const results = await Promise.all(racers.map((text) => probe.put(text, { ifAbsent: true })));
  const winners = racers.filter((_, racer) => results[racer]?.outcome === 'written');
  if (winners.length !== 1)
    throw probe.dishonest(`${winners.length} of ${RACERS} racing creations succeeded`);
  await probe.expect(winners[0]!, 'the object is not that of the writer who won the race');
}
