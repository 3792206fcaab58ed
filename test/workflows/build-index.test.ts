import { describe, expect, it } from 'vitest';
import type { IndexJob, IndexSummary } from '../../core/index/index-job.js';
import {
  BUILD_INDEX,
  type BuildIndexInput,
  type IndexProgress,
  indexWorkflowId,
  QUERIES,
} from '../../core/workflow-api.js';
import { openIndex } from '../../engine/index/open-index.js';
import { openStore } from '../../engine/store/open-store.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { firstNight, nightAfter } from '../engine/index/nights.js';
import { randomRows } from '../engine/index/random-rows.js';
import { testVersion } from '../engine/index/support.js';
import { servedNamespace } from '../support/served-namespace.js';
import { failureOf } from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const served = servedNamespace();

function start(job: IndexJob) {
  return served.get().client.workflow.start<(input: BuildIndexInput) => Promise<IndexSummary>>(BUILD_INDEX, {
    workflowId: indexWorkflowId(job),
    taskQueue: 'control',
    args: [{ job }],
  });
}

describe('the workflow that builds an index', () => {
  it('builds every shard, publishes the index, and finds it the next time', async () => {
    const version = await testVersion(250);
    const job: IndexJob = {
      location: version.location,
      name: 'nightly',
      request: { metric: 'cosine', recallTarget: 0.9, exactBelow: 0, shardRows: 100 },
    };
    const handle = await start(job);
    const summary = await handle.result();
    expect(summary).toMatchObject({ name: 'nightly', kind: 'hnsw', rows: 250, reused: 0 });
    expect(await handle.query<IndexProgress>(QUERIES.progress)).toEqual({
      stage: 'measuring',
      rows: 250,
      rowsTotal: 250,
    });
    const index = await openIndex(version, 'nightly');
    expect(index.manifest.shards.map(({ rows }) => rows)).toEqual([100, 100, 50]);
    expect(await (await start(job)).result()).toEqual(summary);
  });

  it("searches the parent's graphs on, and counts them as reused", async () => {
    const store = openStore(temporaryFolder());
    const parent = await firstNight(store, 16, [randomRows(120, 16), randomRows(120, 16, 1)]);
    const request = { metric: 'cosine', recallTarget: 0.9, exactBelow: 0, shardRows: 120 } as const;
    const jobOf = ({ location }: ReadableVersion): IndexJob => ({ location, name: 'nightly', request });
    expect(await (await start(jobOf(parent))).result()).toMatchObject({ rows: 240, reused: 0 });
    const child = await nightAfter(parent, { deadShare: 0.05, files: [randomRows(20, 16, 2)] }, 1);
    expect(await (await start(jobOf(child))).result()).toMatchObject({ rows: child.parts.rows, reused: 2 });
    const index = await openIndex(child, 'nightly');
    expect(index.manifest.delta?.rows).toBe(20);
    await index.close();
  });

  it('fails with the code of the error, and does not try again', async () => {
    const version = await testVersion(600);
    const request = { metric: 'cosine', recallTarget: 1, exactBelow: 0, precision: 'binary' } as const;
    const poor = { ...request, connectivity: 2, expansionAdd: 4 };
    const handle = await start({ location: version.location, name: 'poor', request: poor });
    expect(await failureOf(handle)).toMatchObject({ type: 'RECALL_TOO_LOW' });
  });
});
