import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FollowedGraph, followGraphs } from '../../../core/index/follow-graphs.js';

const graph = (rows: number, dead = 0): FollowedGraph => ({ rows, liveRows: rows - dead });
const limits = { comparedRows: () => 50, shardRows: 1000 };

describe('an index that follows its parent', () => {
  it('keeps graphs with few dead rows, and compares few other rows with each query', () => {
    expect(followGraphs([graph(500, 100), graph(500)], 50, limits)).toEqual({
      kept: [0, 1],
      comparesOthers: true,
    });
  });

  it('gives up a graph of whose rows more than a fifth are dead, and builds graphs of the others', () => {
    expect(followGraphs([graph(500, 101), graph(700)], 0, limits)).toEqual({
      kept: [1],
      comparesOthers: false,
    });
  });

  it('builds graphs once there are too many other rows, and takes in no graph that is much larger', () => {
    expect(followGraphs([graph(500)], 51, limits)).toEqual({ kept: [0], comparesOthers: false });
    expect(followGraphs([graph(900), graph(400), graph(102)], 51, limits).kept).toEqual([0, 1]);
    expect(followGraphs([graph(60), graph(40)], 51, { ...limits, shardRows: 100 }).kept).toEqual([0]);
  });

  it('keeps nothing where nothing lives', () => {
    expect(followGraphs([graph(10, 10)], 5, limits)).toEqual({ kept: [], comparesOthers: false });
    expect(followGraphs([], 5, limits)).toEqual({ kept: [], comparesOthers: false });
  });

  it('has few graphs after any number of nights, and builds a row into one a few times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 50, maxLength: 100 }), (nights) => {
        let graphs = [graph(50)];
        let beside = 0;
        let built = 0;
        for (const rows of nights) {
          beside += rows;
          const { kept, comparesOthers } = followGraphs(graphs, beside, { ...limits, shardRows: 1e6 });
          if (comparesOthers) {
            expect(beside).toBeLessThanOrEqual(50);
            continue;
          }
          const left = graphs.filter((_, place) => !kept.includes(place));
          const size = left.reduce((sum, one) => sum + one.rows, beside);
          graphs = [...kept.map((place) => graphs[place]!), graph(size)];
          built += size;
          beside = 0;
        }
        const all = graphs.reduce((sum, { rows }) => sum + rows, 0);
        expect(graphs.length).toBeLessThanOrEqual(1 + Math.log2(all / 50));
        expect(built).toBeLessThanOrEqual(all * (2 + Math.log(all / 50) / Math.log(1.5)));
      }),
    );
  });
});
