import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { VectormillError } from '../../../core/errors.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { probeConditionalWrites } from '../../../engine/store/probe-conditional-writes.js';

/**
 * Tests what every object store promises. `fresh` opens a store on an empty root. Objects over 6
 * MiB are large.
 */
export function describeObjectStore(name: string, fresh: () => Promise<ObjectStore>): void {
  describe(name, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await fresh();
      return () => store.close();
    });

    const text = async (key: string) => Buffer.from(await store.get(key)).toString();
    const keys = async (prefix: string) => (await all(store.list(prefix))).map((info) => info.key);

    test('an object reads back as it was put, and head and listing agree about it', async () => {
      const body = bytes(70_000, 1);
      const put = await store.put('folder/object.bin', body);
      const info = await store.head('folder/object.bin');
      expect(put).toEqual({ outcome: 'written', etag: info?.etag });
      expect(info).toMatchObject({ key: 'folder/object.bin', size: 70_000 });
      expect(await all(store.list(''))).toEqual([info]);
      expect(Buffer.compare(await store.get('folder/object.bin'), body)).toBe(0);
    });

    test('an empty object is an object', async () => {
      await store.put('empty', new Uint8Array(0), { condition: { ifAbsent: true } });
      expect(await store.head('empty')).toMatchObject({ size: 0 });
      expect(await store.get('empty')).toHaveLength(0);
      expect(await store.get('empty', { range: { start: 0, end: 10 } })).toHaveLength(0);
    });

    test('a missing object has no head, and reading it is an error', async () => {
      expect(await store.head('nothing')).toBeUndefined();
      await expect(store.get('nothing')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
      const range = { start: 3, end: 3 };
      await expect(store.get('nothing', { range })).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
      expect(await all(store.list(''))).toEqual([]);
    });

    test('a create-once put writes once and is refused ever after', async () => {
      const condition = { ifAbsent: true } as const;
      expect((await store.put('once', Buffer.from('first'), { condition })).outcome).toBe('written');
      expect(await store.put('once', Buffer.from('second'), { condition })).toEqual({ outcome: 'refused' });
      expect(await text('once')).toBe('first');
      await store.delete('once');
      expect((await store.put('once', Buffer.from('third'), { condition })).outcome).toBe('written');
    });

    test.each([false, true])(
      'of eight racing creators exactly one wins (multipart: %s)',
      async (multipart) => {
        const racers = Array.from({ length: 8 }, (_, racer) => `racer ${racer}`);
        const condition = { ifAbsent: true } as const;
        const results = await Promise.all(
          racers.map((racer) => store.put('race', Buffer.from(racer), { condition, multipart })),
        );
        const winners = racers.filter((_, racer) => results[racer]?.outcome === 'written');
        expect(winners).toHaveLength(1);
        expect(await text('race')).toBe(winners[0]);
      },
    );

    test('an If-Match put replaces exactly the object it names', async () => {
      const first = await store.put('ref', Buffer.from('one'));
      if (first.outcome === 'refused') throw new Error('refused');
      const matching = { condition: { ifMatch: first.etag } };
      expect(await store.put('other', Buffer.from('x'), matching)).toEqual({ outcome: 'refused' });
      expect(await store.head('other')).toBeUndefined();
      const second = await store.put('ref', Buffer.from('two'), matching);
      expect(second).toEqual({ outcome: 'written', etag: (await store.head('ref'))?.etag });
      expect(await store.put('ref', Buffer.from('six'), matching)).toEqual({ outcome: 'refused' });
      expect(await text('ref')).toBe('two');
    });

    test('of eight writers that saw the same object exactly one replaces it', async () => {
      for (const round of [1, 2, 3]) {
        await store.put('ref', Buffer.from(`start ${round}`));
        const ifMatch = (await store.head('ref'))?.etag ?? '';
        const racers = Array.from({ length: 8 }, (_, racer) => `racer ${racer}`);
        const results = await Promise.all(
          racers.map((racer) => store.put('ref', Buffer.from(racer), { condition: { ifMatch } })),
        );
        const winners = racers.filter((_, racer) => results[racer]?.outcome === 'written');
        expect(winners).toHaveLength(1);
        expect(await text('ref')).toBe(winners[0]);
      }
    });

    test('the entity tag is different after every change, even if the content has the same length', async () => {
      const etags: string[] = [];
      for (let round = 0; round < 30; round += 1) {
        const put = await store.put('changing', Buffer.from(String(100 + round)));
        if (put.outcome === 'written') etags.push(put.etag);
      }
      expect(new Set(etags).size).toBe(30);
    });

    test("any range reads as that slice of the object, cut at the object's end", async () => {
      const body = bytes(5_000, 2);
      await store.put('ranged', body);
      const offset = fc.integer({ min: 0, max: 5_500 });
      await fc.assert(
        fc.asyncProperty(offset, offset, async (one, other) => {
          const range = { start: Math.min(one, other), end: Math.max(one, other) };
          const slice = body.subarray(range.start, range.end);
          expect(Buffer.compare(await store.get('ranged', { range }), slice)).toBe(0);
        }),
        { numRuns: 60 },
      );
    });

    test('a stream gives the whole object in pieces, and may be left early', async () => {
      const body = bytes(3_000_001, 3);
      await store.put('long', body);
      expect(Buffer.compare(Buffer.concat(await all(store.stream('long'))), body)).toBe(0);
      for await (const piece of store.stream('long')) {
        expect(piece.length).toBeLessThan(body.length);
        break;
      }
      const range = { start: 1_000_000, end: 2_999_999 };
      const part = Buffer.concat(await all(store.stream('long', { range })));
      expect(Buffer.compare(part, body.subarray(range.start, range.end))).toBe(0);
    });

    test('a reader that expects another object gets INPUT_CHANGED', async () => {
      await store.put('input', Buffer.from('old'));
      const ifMatch = (await store.head('input'))?.etag ?? '';
      expect(await store.get('input', { ifMatch })).toHaveLength(3);
      await store.put('input', Buffer.from('new'));
      for (const range of [undefined, { start: 0, end: 2 }, { start: 1, end: 1 }, { start: 9, end: 12 }]) {
        const reading = store.get('input', { ifMatch, ...(range ? { range } : {}) });
        await expect(reading).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
      }
    });

    test('keys with spaces, signs and any script are kept as they are', async () => {
      const odd = [
        'a b',
        'a+b',
        'a%20b',
        'ü/ö',
        '文档/一',
        '😀',
        "it's",
        'q?x=1&y#z',
        'back\\slash',
        ' lead',
        'trail ',
      ];
      for (const key of odd) await store.put(key, Buffer.from(key));
      for (const key of odd) expect(await text(key)).toBe(key);
      expect((await keys('')).sort()).toEqual([...odd].sort());
    });

    test('a listing is in the byte order of whole keys', async () => {
      const inOrder = [
        'A',
        'a!/z',
        'a-b/1',
        'a-b/2/3',
        'a.txt',
        'a/b',
        'a/b-c',
        'a0',
        'ab/c',
        'b',
        'é',
        'ﬀ',
        '😀/x',
      ];
      for (const key of [...inOrder].reverse()) await store.put(key, Buffer.from('x'));
      expect(await keys('')).toEqual(inOrder);
    });

    test('a prefix may end in the middle of a name, and matches only itself', async () => {
      for (const key of ['one/a', 'one/ab', 'one/b/c', 'one/bc', 'ones', 'two'])
        await store.put(key, Buffer.from('x'));
      expect(await keys('one')).toEqual(['one/a', 'one/ab', 'one/b/c', 'one/bc', 'ones']);
      expect(await keys('one/')).toEqual(['one/a', 'one/ab', 'one/b/c', 'one/bc']);
      expect(await keys('one/a')).toEqual(['one/a', 'one/ab']);
      expect(await keys('one/b/')).toEqual(['one/b/c']);
      expect(await keys('one/x')).toEqual([]);
      expect(await keys('three/')).toEqual([]);
      expect(await keys('one//')).toEqual([]);
    });

    test('a listing of more than a page is complete and in order', async () => {
      const expected = Array.from({ length: 1_050 }, (_, index) => `page/${String(index).padStart(5, '0')}`);
      const rest = [...expected];
      const writer = async () => {
        for (let key = rest.pop(); key !== undefined; key = rest.pop())
          await store.put(key, Buffer.from('x'));
      };
      await Promise.all(Array.from({ length: 16 }, writer));
      expect(await keys('')).toEqual(expected);
    });

    test('deleting an object twice is no error', async () => {
      await store.put('folder/gone', Buffer.from('x'));
      await store.delete('folder/gone');
      await store.delete('folder/gone');
      await store.delete('never/there');
      expect(await store.head('folder/gone')).toBeUndefined();
      expect(await keys('')).toEqual([]);
    });

    test('no key leads out of the root', async () => {
      const outward = ['', '..', '../x', 'a/../../x', 'a/..', './a', 'a/./b', 'a\0b', '\ud800'];
      for (const key of outward) {
        const refused = { code: 'USAGE' };
        await expect(store.put(key, Buffer.from('x')), key).rejects.toMatchObject(refused);
        await expect(store.get(key), key).rejects.toMatchObject(refused);
        await expect(store.head(key), key).rejects.toMatchObject(refused);
        await expect(store.delete(key), key).rejects.toMatchObject(refused);
      }
      for (const key of ['/absolute', 'a//b', 'folder/', '.vectormill-x', 'a/.vectormill-x/b'])
        await expect(store.put(key, Buffer.from('x')), key).rejects.toMatchObject({ code: 'USAGE' });
      await expect(keys('../')).rejects.toMatchObject({ code: 'USAGE' });
    });

    test('a large object is written and read back whole', async () => {
      const body = bytes(13 * 1_048_576 + 17, 4);
      const condition = { ifAbsent: true } as const;
      expect((await store.put('large', body, { condition })).outcome).toBe('written');
      expect(await store.put('large', body, { condition })).toEqual({ outcome: 'refused' });
      expect(Buffer.compare(await store.get('large'), body)).toBe(0);
    });

    test.each([0, 1, 3_000_001, 13 * 1_048_576 + 17])(
      'a large body of %s bytes is read in pieces, and written whole',
      async (length) => {
        const content = bytes(length, 7);
        const pieces: number[] = [];
        const body = {
          length,
          read: async (start: number, end: number) => {
            expect(0 <= start && start <= end && end <= length).toBe(true);
            pieces.push(end - start);
            return content.subarray(start, end);
          },
        };
        const condition = { ifAbsent: true } as const;
        const put = await store.put('read', body, { condition });
        expect(put).toEqual({ outcome: 'written', etag: (await store.head('read'))?.etag });
        expect(Buffer.compare(await store.get('read'), content)).toBe(0);
        expect(Math.max(0, ...pieces)).toBeLessThanOrEqual(6 * 1_048_576);
        expect(await store.put('read', body, { condition })).toEqual({ outcome: 'refused' });
      },
    );

    test.each([10, 13 * 1_048_576])(
      'a large body of %s bytes that cannot be read to its end leaves nothing',
      async (length) => {
        const body = {
          length,
          read: async (start: number, end: number) => {
            if (end === length)
              throw new VectormillError('MODEL_INVALID', 'gone', { component: 'test', remedy: '-' });
            return new Uint8Array(end - start);
          },
        };
        await expect(store.put('broken', body)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
        expect(await keys('')).toEqual([]);
      },
    );

    test('a put whose signal has fired writes nothing', async () => {
      const signal = AbortSignal.abort();
      for (const size of [10, 13 * 1_048_576])
        await expect(store.put('late', bytes(size, 5), { signal })).rejects.toMatchObject({
          code: 'CANCELLED',
        });
      expect(await keys('')).toEqual([]);
    });

    test('a stream ends when its signal fires', async () => {
      await store.put('long', bytes(9_000_000, 6));
      const controller = new AbortController();
      const reading = async () => {
        for await (const _ of store.stream('long', { signal: controller.signal })) controller.abort();
      };
      await expect(reading()).rejects.toMatchObject({ code: 'CANCELLED' });
    });

    test('the probe finds conditional writes honest and leaves nothing behind', async () => {
      await probeConditionalWrites(store);
      expect(await keys('')).toEqual([]);
    });
  });
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Returns the same bytes for the same seed, without a short period. */
export function bytes(length: number, seed: number): Buffer {
  const buffer = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer[index] = state >>> 24;
  }
  return buffer;
}
