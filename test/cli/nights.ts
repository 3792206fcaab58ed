import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { scheduleId } from '../../core/workflow-api.js';
import { localModels } from '../../workers/worker-tools.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { letterDocuments } from '../support/letter-documents.js';
import {
  eventually,
  startWorkerWith,
  type TestNamespace,
  type TestWorker,
  testNamespace,
} from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type CorpusLine, writeCorpus } from '../support/test-job.js';
import { vectormill, vectormillJson } from './command-line.js';

/** There are so many documents that a poor graph cannot have them all scored again. */
export const MANY = letterDocuments(600);
/** An index whose graph finds too few neighbours of `MANY` to be published. */
export const POOR_INDEX = { exact_below: 0, precision: 'binary', m: 2, ef_construction: 4, recall: 1 };
/** A time that `0 2 * * *` names, in the distant past. */
export const LAST_NIGHT = new Date('2026-03-01T02:00:00Z');

const models = useTemporaryFolder();
export let namespace: TestNamespace;
let worker: TestWorker;
export let model: string;
const namespaceBefore = process.env.TEMPORAL_NAMESPACE;

beforeAll(async () => {
  namespace = await testNamespace();
  process.env.TEMPORAL_NAMESPACE = namespace.namespace;
  worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
  model = join(models.path, 'model');
  await writeTinyModel(model);
});

afterAll(async () => {
  if (namespaceBefore === undefined) delete process.env.TEMPORAL_NAMESPACE;
  else process.env.TEMPORAL_NAMESPACE = namespaceBefore;
  await worker?.stop();
  await namespace?.close();
});

/** Does something while no worker serves the nights. */
export async function withoutWorker(work: () => Promise<void>): Promise<void> {
  await worker.stop();
  try {
    await work();
  } finally {
    worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
  }
}

/** Creates the schedule of a file, which must be accepted. */
export async function created(file: string, ...more: readonly string[]): Promise<void> {
  expect(await vectormill('schedule', 'create', file, ...more)).toMatchObject({ code: 0, stderr: '' });
}

interface Nightly {
  file: string;
  folder: string;
  write(more: Record<string, unknown>): void;
  /** Returns a file of the dataset, as JSON. */
  read<T>(path: string): T;
}

/**
 * Returns a schedule file with a name of its own, which is also the name of the dataset, over 30
 * documents.
 */
export function nightly(
  name: string,
  more: Record<string, unknown> = {},
  lines: readonly CorpusLine[] = letterDocuments(30),
): Nightly {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'corpus'));
  if (lines.length > 0) writeCorpus(folder, { 'a.jsonl': lines });
  const file = join(folder, 'nightly.yaml');
  const write = (changes: Record<string, unknown>) =>
    writeFileSync(
      file,
      JSON.stringify({
        name,
        cron: '0 2 * * *',
        job: { dataset: name, input: './corpus', output: './out', model },
        ...changes,
      }),
    );
  write(more);
  return {
    file,
    folder,
    write,
    read: (path) => JSON.parse(readFileSync(join(folder, 'out', name, path), 'utf8')),
  };
}

export const MINE = { mining: { num_negatives: 2, near_duplicate: 'off' } };
export const INDEX = { exact_below: 0, recall: 0.5 };

/** Returns the output of `status` once a last night has ended that is not one of those given. */
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it expects
export async function ended(name: string, before: readonly string[] = []): Promise<any> {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  let seen: any;
  const schedule = namespace.client.schedule.getHandle(scheduleId(name));
  await eventually(async () => {
    // Asked first, for it costs a fraction of what the command does.
    if ((await schedule.describe()).info.runningActions.length > 0) return false;
    seen = (await vectormillJson('status', name)).json;
    return seen.last && seen.last.state !== 'running' && !before.includes(seen.last.workflowId);
  });
  return seen;
}

export async function triggered(name: string) {
  const { json } = await vectormillJson('status', name);
  await vectormillJson('schedule', 'trigger', name);
  return ended(name, json.last ? [json.last.workflowId] : []);
}

export async function isPaused(name: string): Promise<boolean> {
  return (await vectormillJson('status', name)).json.paused;
}
