import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLanes, workflowId } from '../../core/workflow-api.js';

describe('planLanes', () => {
  it('holds as many shards in flight as the job asks for, and at most one window more', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 1024 }), (shards, concurrency) => {
        const { lanes, window } = planLanes(shards, concurrency);
        expect(lanes).toBeGreaterThanOrEqual(1);
        expect(lanes).toBeLessThanOrEqual(Math.max(1, Math.min(shards, concurrency)));
        expect(lanes * window).toBeGreaterThanOrEqual(concurrency);
        expect(lanes * window).toBeLessThan(concurrency + lanes);
      }),
    );
  });

  it('gives a job with one shard one lane', () => {
    expect(planLanes(1, 8).lanes).toBe(1);
    expect(planLanes(0, 8).lanes).toBe(1);
  });

  it('adds a lane only where each lane gets enough shards to be worth starting', () => {
    expect(planLanes(16, 8)).toEqual({ lanes: 1, window: 8 });
    expect(planLanes(33, 8)).toEqual({ lanes: 2, window: 4 });
    expect(planLanes(10_000, 64)).toEqual({ lanes: 8, window: 8 });
  });

  it('keeps the lanes of a running job that an earlier release began', () => {
    expect(planLanes(16, 8, 1)).toEqual({ lanes: 8, window: 1 });
  });
});

it('a dataset and version have one workflow id', () => {
  expect(workflowId({ dataset: 'wiki', version: 'v2' })).toBe('vectormill/wiki/v2');
});
