import { readdirSync, readFileSync } from 'node:fs';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILD_INDEX, EMBED_JOB, LANE, MINE_JOB, NIGHTLY_JOB } from '../../core/workflow-api.js';
import { workflowBundle } from '../support/workflow-bundle.js';

const histories = new URL('../fixtures/histories/', import.meta.url);
let bundle: { code: string };

/** The form in which `test/support/record-history.ts` writes them. */
interface Recorded {
  workflowId: string;
  history: unknown;
}

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  bundle = { code: readFileSync(await workflowBundle(), 'utf8') };
});

describe('the workflows', () => {
  it('are bundled under the names by which clients know them, without any module of Node', () => {
    expect(bundle.code).toContain(EMBED_JOB);
    expect(bundle.code).toContain(LANE);
    expect(bundle.code).toContain(MINE_JOB);
    expect(bundle.code).toContain(NIGHTLY_JOB);
    expect(bundle.code).toContain(BUILD_INDEX);
    expect(bundle.code).not.toMatch(/require\(["'](node:)?(fs|path|crypto|child_process)["']\)/);
  });

  it.each(readdirSync(histories))('replay the recorded history %s', async (file) => {
    const recorded = JSON.parse(readFileSync(new URL(file, histories), 'utf8')) as Recorded;
    await Worker.runReplayHistory({ workflowBundle: bundle }, recorded.history, recorded.workflowId);
  });

  it('do not replay a history that they could not have made', async () => {
    const text = readFileSync(new URL('lane-scan.json', histories), 'utf8');
    const { history } = JSON.parse(text.replaceAll('"scanShard"', '"scanNothing"')) as Recorded;
    await expect(Worker.runReplayHistory({ workflowBundle: bundle }, history)).rejects.toThrow(
      /[Nn]ondeterminism/,
    );
  });
});
