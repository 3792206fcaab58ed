import { expect, it } from 'vitest';
import { describeVersion, versionLines } from '../../../cli/inspect/describe-version.js';
import { summaryLines } from '../../../cli/job/summary.js';
import type { ShardCommit } from '../../../core/commit.js';
import { versionLayout } from '../../../core/layout.js';
import { encodingOf } from '../../../core/manifest.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { readJsonRecord } from '../../../engine/version/read-json-record.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { runJobLocally } from '../../../local/run-job.js';
import { jobWithParent, runToEnd } from '../../support/nights-of-a-folder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { testProcess } from '../../support/test-tools.js';

it.each(['int8', 'uint8'])(
  'a version of %s counts values outside the ranges of its parent in commits, manifest, summary and inspect',
  async (precision) => {
    const more = { vectors: { precision } };
    const folder = temporaryFolder();
    writeCorpus(folder, { 'a.jsonl': documents(4, 15, 'a') });
    const parent = await runToEnd(testJob(folder, { version: 'n1', ...more }));
    expect(parent.manifest.clipped).toBeUndefined();
    const { min, max } = encodingOf(parent.manifest).ranges!;
    writeCorpus(folder, { 'b.jsonl': documents(5, 15, 'b'), 'c.jsonl': documents(3, 15, 'c') });

    const computed: number[][] = [];
    const embedder = testEmbedder();
    const noting: typeof embedder = {
      ...embedder,
      embed: async (texts, options) => {
        const answer = await embedder.embed(texts, options);
        for (const [row, text] of texts.entries())
          if (/^[bc] /.test(text)) computed.push([...answer.vectors.subarray(row * 16, (row + 1) * 16)]);
        return answer;
      },
    };
    const job = await jobWithParent(folder, 'n2', more);
    const never = new AbortController().signal;
    const summary = await runJobLocally(job, testProcess({ embedder: noting }).tools, never).done;
    const store = openStore(job.spec.output);
    const version = await resolveVersion(store, { dataset: 'test', selector: 'n2' });

    const outside = computed.map(
      (vector) => vector.filter((value, at) => value < min[at]! || value > max[at]!).length,
    );
    expect(computed).toHaveLength(8);
    const clipped = {
      values: outside.reduce((sum, count) => sum + count, 0),
      rows: outside.filter((count) => count > 0).length,
    };
    expect(clipped.values).toBeGreaterThan(0);
    expect(version.manifest.clipped).toEqual(clipped);
    expect(summary.clipped).toEqual(clipped);
    let values = 0;
    for await (const { key } of store.list(versionLayout('test', 'n2').commits))
      values += (await readJsonRecord<ShardCommit>(store, key, 1)).clipped?.values ?? 0;
    expect(values).toBe(clipped.values);
    const line = `${clipped.values} values of ${clipped.rows} vectors lie outside the parent's ranges`;
    expect(summaryLines('test@n2', summary)).toContain(`  clipped     ${line}`);
    expect(versionLines(await describeVersion(version, false)).join('\n')).toContain(line);
    expect((await verifyVersion(version, embedder)).differences).toEqual([]);

    // Numbers that are taken over are not counted again, and a full version has its own ranges.
    writeCorpus(folder, {
      'b.jsonl': [],
      'd.jsonl': documents(5, 15, 'b').map((line) => ({
        ...(line as object),
        _id: `d${(line as { _id: string })._id}`,
      })),
    });
    const moved = await runToEnd(await jobWithParent(folder, 'n3', more));
    expect(moved.manifest).toMatchObject({ reused: { lent: { 'test@n2': 5 }, computed: 0 } });
    expect(moved.manifest.clipped).toBeUndefined();
    const full = await runToEnd(await jobWithParent(folder, 'n4', { ...more, parent: 'none' }));
    expect(full.manifest.clipped).toBeUndefined();
  },
);
