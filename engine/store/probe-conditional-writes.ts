import { randomUUID } from 'node:crypto';
import type { ObjectStore, PutOptions, PutResult } from './object-store.js';
import { storeUnsupported } from './store-errors.js';

const RACERS = 8;

/**
 * Tests whether the store honours conditional writes, on which exactly-once output rests, both for
 * objects written in one request and for those in parts. It leaves nothing behind. Errors:
 * STORE_UNSUPPORTED with what the store did, STORE_DENIED, STORE_UNAVAILABLE.
 */
export async function probeConditionalWrites(store: ObjectStore): Promise<void> {
  for (const multipart of [false, true]) {
    const key = `_vectormill_probe-${randomUUID()}`;
    try {
      await probeOneWriter(new Probe(store, key, multipart));
      await store.delete(key);
      await probeRace(new Probe(store, key, multipart));
    } finally {
      await store.delete(key);
    }
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
