import { beforeEach, expect, test } from 'vitest';
import { VectormillError } from '../../core/errors.js';
import { withParent } from '../../core/job-spec.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { findParent } from '../../engine/version/find-parent.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { changedStore } from '../support/changed-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testJob } from '../support/test-job.js';
import { testProcess } from '../support/test-tools.js';
import { contentDifferences, contentFaults } from './compare-contents.js';
import { placeInMemory } from './corpus-nights.js';
import { CONTENT_QUERIES } from './every-night.js';
import { contentOf } from './version-content.js';

beforeEach(() => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
});

test('an attempt that ends after it has planned an unchanged object is followed by one that has it scanned', async () => {
  const { folder, openStore } = placeInMemory();
  const write = (name: string, ids: readonly string[]) => {
    const lines = ids.map((id) => `${JSON.stringify({ _id: id, text: `${id} of ${name}` })}\n`);
    return openStore(`file://${folder}`).put(`corpus/${name}.jsonl`, Buffer.from(lines.join('')));
  };
  let hasEnded = false;
  /** Writes the plan of what must be read again, and then says that it could not. */
  const store = (root: string): ObjectStore => {
    const inner = openStore(root);
    return changedStore(inner, {
      put: async (key, body, options) => {
        const result = await inner.put(key, body, options);
        if (!key.includes('plan-again') || hasEnded) return result;
        hasEnded = true;
        throw new VectormillError('STORE_UNAVAILABLE', 'the store is away', {
          component: 'test',
          remedy: '',
        });
      },
    });
  };
  const run = async (version: string, more: Record<string, unknown> = {}) => {
    const limits = { reject_share: 1, concurrency: 1 };
    const job = testJob(folder, { version, limits, ...more });
    const output = openStore(job.spec.output);
    const prepared = withParent(job, await findParent(output, job));
    await runJobLocally(prepared, testProcess({ store }).tools, new AbortController().signal).done;
    return contentOf(await resolveVersion(output, { dataset: 'test', selector: version }), CONTENT_QUERIES);
  };

  await write('a', ['d1', 'd2']);
  await write('b', ['d1', 'd3']);
  await run('n1');
  // The document d1 is now the one of the object b, which has not changed.
  await write('a', ['d2']);
  const found = await run('n2');
  expect(hasEnded).toBe(true);
  const whole = await run('n2', { output: './whole', parent: 'none' });
  expect([...contentFaults(found), ...contentDifferences(found, whole)]).toEqual([]);
});
