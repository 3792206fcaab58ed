import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../../core/backoff.js';
import { type RetryOptions, retry } from '../../../engine/store/retry.js';

const policy = { attempts: 5, baseMs: 100, capMs: 1_000 };

/** Makes an operation that fails this many times. It records its calls and its waits. */
function failing(times: number, options: Partial<RetryOptions> = {}) {
  const waits: number[] = [];
  let calls = 0;
  const run = () =>
    retry(
      async () => {
        calls += 1;
        if (calls <= times) throw new Error(`failure ${calls}`);
        return calls;
      },
      {
        policy,
        isRetryable: () => true,
        random: () => 0.5,
        sleep: async (milliseconds) => {
          waits.push(milliseconds);
        },
        ...options,
      },
    );
  return { run, waits, calls: () => calls };
}

describe('retrying', () => {
  test('an operation is called until it succeeds, after waits that double up to the cap', async () => {
    const operation = failing(4, { policy: { attempts: 9, baseMs: 100, capMs: 350 } });
    expect(await operation.run()).toBe(5);
    expect(operation.waits).toEqual([50, 100, 175, 175]);
  });

  test('the last error is thrown when the attempts are used up', async () => {
    const operation = failing(100);
    await expect(operation.run()).rejects.toThrow('failure 5');
    expect(operation.calls()).toBe(5);
    expect(operation.waits).toHaveLength(4);
  });

  test('an error that cannot pass is thrown at once', async () => {
    const operation = failing(100, { isRetryable: () => false });
    await expect(operation.run()).rejects.toThrow('failure 1');
    expect(operation.waits).toEqual([]);
  });

  test('a wait is anywhere between nothing and the bound', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), random, (failures, drawn) => {
        const wait = backoffMs(failures, policy, () => drawn);
        const bound = Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1));
        expect(wait).toBe(drawn * bound);
      }),
    );
  });

  test('nothing is called once the signal has fired', async () => {
    const operation = failing(0, { signal: AbortSignal.abort() });
    await expect(operation.run()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(operation.calls()).toBe(0);
  });

  test('the signal ends a wait', async () => {
    const controller = new AbortController();
    let calls = 0;
    const waiting = retry(
      async () => {
        calls += 1;
        queueMicrotask(() => controller.abort());
        throw new Error('fails');
      },
      {
        policy: { attempts: 3, baseMs: 3_600_000, capMs: 3_600_000 },
        isRetryable: () => true,
        random: () => 0.9,
        signal: controller.signal,
      },
    );
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(calls).toBe(1);
  });
});
