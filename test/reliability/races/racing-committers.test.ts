import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ShardCommit } from '../../../core/commit.js';
import { versionLayout } from '../../../core/layout.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { readJsonRecord } from '../../../engine/version/read-json-record.js';
import { compiledScript } from '../../support/compiled-script.js';
import { requireStack, TEST_BUCKET } from '../../support/stack.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { type Committed, commitAtOnce } from './committers.js';

const run = promisify(execFile);

const COMMITTERS = 50;
/** The rounds on files, among several processes, and on S3. */
const ROUNDS = 200;
const ROUNDS_ON_S3 = 20;
const ROUNDS_ON_FILES = ROUNDS - ROUNDS_ON_S3;
const PROCESSES = 5;

const attempts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, place) => `attempt ${from + place}`);

/** Expects all committers of a round to have found the commit of one of them, which is there. */
async function hasOneWinner(
  store: ObjectStore,
  round: number,
  committed: readonly Committed[],
): Promise<void> {
  expect(committed).toHaveLength(COMMITTERS);
  const key = versionLayout('test', `round-${round}`).commit(0);
  const { attempt: winner } = await readJsonRecord<ShardCommit>(store, key, 1);
  expect([...new Set(committed.map(({ found }) => found))]).toEqual([winner]);
  expect(committed.filter(({ attempt, found }) => attempt === found)).toHaveLength(1);
}

describe('committers that race for one shard', () => {
  test('of several processes find one commit: files', async () => {
    const root = temporaryFolder();
    const script = compiledScript(join(import.meta.dirname, 'committer-process.ts'));
    const share = COMMITTERS / PROCESSES;
    const outputs = await Promise.all(
      Array.from({ length: PROCESSES }, (_, place) => {
        const task = {
          root,
          rounds: ROUNDS_ON_FILES,
          attempts: attempts(place * share, (place + 1) * share),
        };
        return run(process.execPath, [script, JSON.stringify(task)], { maxBuffer: 1 << 26 });
      }),
    );
    const all = outputs.map(({ stdout }) => JSON.parse(stdout) as Committed[][]);
    for (let round = 0; round < ROUNDS_ON_FILES; round += 1)
      await hasOneWinner(
        openStore(root),
        round,
        all.flatMap((rounds) => rounds[round]!),
      );
  });

  test('find one commit: S3', async () => {
    requireStack();
    const store = openStore(`s3://${TEST_BUCKET}/race-${randomUUID()}`);
    for (let round = 0; round < ROUNDS_ON_S3; round += 1)
      await hasOneWinner(store, round, await commitAtOnce(store, round, attempts(0, COMMITTERS)));
    await store.close();
  });
});
