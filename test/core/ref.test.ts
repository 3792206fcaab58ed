import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countedRef,
  decideMove,
  REF_HISTORY,
  type RefMove,
  type RefRecord,
  versionBefore,
} from '../../core/ref.js';

const move = (version: string, expected: number | undefined, other: Partial<RefMove> = {}): RefMove => ({
  version,
  fingerprint: 'f',
  by: 'job',
  writeId: `job ${version}`,
  movedAt: 7,
  expected,
  ...other,
});

/** Makes moves one after the other, each of which is written. */
function moved(...moves: readonly RefMove[]): RefRecord {
  const ref = moves.reduce(
    (current: RefRecord | undefined, next) => decideMove(current, next).record,
    undefined,
  );
  return ref!;
}

describe('a move', () => {
  test('of a ref that does not exist makes it, and the next one names what it named', () => {
    const first = moved(move('v1', 0));
    expect(first).toMatchObject({ generation: 1, version: 'v1', previous: null, history: [] });
    expect(decideMove(first, move('v2', 1))).toMatchObject({
      outcome: 'write',
      record: { generation: 2, version: 'v2', previous: 'v1', history: [{ generation: 1, version: 'v1' }] },
    });
  });

  test('that expects an earlier generation is superseded, whatever the clocks say', () => {
    const ref = moved(move('v1', 0), move('v2', 1, { movedAt: 5 }));
    expect(decideMove(ref, move('v3', 1, { movedAt: 9_000 })).outcome).toBe('superseded');
    expect(decideMove(ref, move('v3', 2, { movedAt: 1 })).outcome).toBe('write');
  });

  test('that is repeated finds itself, also after somebody went back', () => {
    const ref = moved(move('v1', 0), move('v2', 1));
    expect(decideMove(ref, move('v2', 1)).outcome).toBe('there');
    const back = moved(move('v1', 0), move('v2', 1), move('v1', 2, { by: 'rollback', writeId: 'r' }));
    expect(decideMove(back, move('v2', 1)).outcome).toBe('superseded');
    expect(decideMove(back, move('v2', 3)).outcome).toBe('superseded');
    expect(decideMove(back, move('v2', 3, { by: 'promote', writeId: 'p' })).outcome).toBe('write');
  });

  test('of a held ref waits until it is released, or releases it', () => {
    const held = moved(move('v2', 0), move('v1', 1, { by: 'rollback', writeId: 'r', hold: true }));
    expect(held.isHeld).toBe(true);
    expect(decideMove(held, move('v3', 2)).outcome).toBe('held');
    expect(decideMove(held, move('v3', 1)).outcome).toBe('superseded');
    const released = decideMove(held, move('v3', 2, { release: true }));
    expect(released).toMatchObject({ outcome: 'write', record: { version: 'v3', isHeld: false } });
    expect(decideMove(held, move('v1', 2, { release: true })).record.isHeld).toBe(false);
    expect(decideMove(held, move('v0', 2, { hold: true })).record).toMatchObject({
      version: 'v0',
      isHeld: true,
    });
    expect(decideMove({ ...held, isHeld: false }, move('v3', 2)).outcome).toBe('write');
  });

  test('that holds finds itself, even if somebody has released the ref since', () => {
    const hold = move('v1', 1, { by: 'rollback', writeId: 'r', hold: true });
    const released = { ...moved(move('v2', 0), hold), isHeld: false };
    expect(decideMove(released, hold).outcome).toBe('there');
  });

  test('of a job that noted no generation goes by the time, as earlier releases did', () => {
    const ref = moved(move('v1', 0, { movedAt: 5 }));
    expect(decideMove(ref, move('v2', undefined, { movedAt: 4 })).outcome).toBe('superseded');
    expect(decideMove(ref, move('v2', undefined, { movedAt: 5 })).outcome).toBe('write');
  });

  test('keeps a part of the history', () => {
    const many = moved(...Array.from({ length: REF_HISTORY + 9 }, (_, at) => move(`v${at}`, at)));
    expect(many.generation).toBe(REF_HISTORY + 9);
    expect(many.history.map(({ generation }) => generation)).toEqual(
      Array.from({ length: REF_HISTORY }, (_, at) => REF_HISTORY + 8 - at),
    );
  });
});

test('of moves that race, one happens for each generation, and each writer learns of its own', () => {
  const wish = fc.record({
    version: fc.constantFrom('a', 'b', 'c'),
    movedAt: fc.integer({ min: 0, max: 9 }),
  });
  const order = fc.array(fc.nat({ max: 7 }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(wish, { minLength: 1, maxLength: 8 }), order, (wishes, steps) => {
      // Each writer reads, and later swaps what it read; a swap whose read is old is tried again.
      let ref: RefRecord | undefined;
      const writers = wishes.map((own, at) => ({
        asked: move(own.version, 0, { movedAt: own.movedAt, writeId: `${at}` }),
        read: undefined as { ref: RefRecord | undefined } | undefined,
        outcome: undefined as string | undefined,
      }));
      const take = (writer: (typeof writers)[number]) => {
        if (writer.outcome !== undefined) return;
        if (!writer.read) {
          writer.read = { ref };
          return;
        }
        const decision = decideMove(writer.read.ref, writer.asked);
        if (decision.outcome !== 'write') writer.outcome = decision.outcome;
        else if (writer.read.ref === ref) {
          ref = decision.record;
          writer.outcome = 'moved';
        }
        writer.read = undefined;
      };
      for (const step of steps) if (writers[step]) take(writers[step]);
      for (let round = 0; round < 8; round += 1) for (const writer of writers) take(writer);
      const winners = writers.filter(({ outcome }) => outcome === 'moved');
      expect(winners).toHaveLength(1);
      expect(ref).toMatchObject({ generation: 1, writeId: winners[0]!.asked.writeId });
      for (const { outcome, asked } of writers)
        if (outcome !== 'moved')
          expect(outcome).toBe(asked.version === ref!.version ? 'there' : 'superseded');
    }),
  );
});

test('going back leads to the version before, and twice to the one before that', () => {
  const three = moved(move('v0', 0), move('v1', 1), move('v2', 2));
  expect(versionBefore(three)).toBe('v1');
  const back = decideMove(three, move('v1', 3, { writeId: 'r1' })).record;
  expect(versionBefore(back)).toBe('v0');
  const further = decideMove(back, move('v0', 4, { writeId: 'r2' })).record;
  expect(versionBefore(further)).toBeUndefined();
});

test('a record of an earlier release counts as moved once for each version that it names', () => {
  const first = { formatVersion: 1, version: 'v2', previous: 'v1', fingerprint: 'f', movedAt: 5 } as const;
  expect(countedRef(first)).toMatchObject({ generation: 2, version: 'v2', isHeld: false, history: [] });
  expect(countedRef({ ...first, previous: null }).generation).toBe(1);
  expect(versionBefore(countedRef(first))).toBe('v1');
});
