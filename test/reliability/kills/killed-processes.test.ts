import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withParent } from '../../../core/job-spec.js';
import { seededRandom } from '../../../core/seeded-random.js';
import { storeCache } from '../../../engine/store/store-cache.js';
import { findParent } from '../../../engine/version/find-parent.js';
import { readRef } from '../../../engine/version/read-ref.js';
import { compiledScript } from '../../support/compiled-script.js';
import { refMove } from '../../support/ref-move.js';
import { requireStack, TEST_BUCKET } from '../../support/stack.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { TEST_OWNER } from '../../support/test-tools.js';
import { expectWhole } from '../../support/whole-version.js';
import { type KilledTask, type NumberedKill, takeTask } from './killed-task.js';

/** Processes that are killed, half of them on files and half on S3; `make torture` kills more. */
const KILLS = Number(process.env.VECTORMILL_TEST_KILLS ?? 24);
const SEED = Number(process.env.VECTORMILL_TEST_SEED ?? 16);

/** The latest write or deletion of each task at which a process is killed. */
const LATEST = { version: 30, promotion: 3, collection: 30 } as const;
const OBJECTS = ['a', 'b', 'c', 'd'];
const TIMEOUT = 86_400_000;

/** Versions, promotions and collections of one data set, whose processes are killed. */
class KilledWorld {
  readonly #random: () => number;
  readonly #folder = temporaryFolder();
  readonly #stores = storeCache();
  readonly #output: string;
  readonly #script = compiledScript(join(import.meta.dirname, 'task-process.ts'));
  readonly #texts = new Map<string, string>();
  /** The keys at which processes were killed. */
  readonly killedAt: string[] = [];
  #round = 0;

  constructor(stream: number, output?: string) {
    this.#random = seededRandom(SEED, stream);
    this.#output = testJob(this.#folder, output === undefined ? {} : { output }).spec.output;
  }

  /** Makes a version, promotes it and collects what is old. Some of its processes are killed. */
  async takeRound(): Promise<void> {
    this.#round += 1;
    const version = `v${this.#round}`;
    const ids = this.#changeCorpus();
    const store = this.#stores.open(this.#output);
    const draft = testJob(this.#folder, {
      output: this.#output,
      version,
      limits: { delete_share: 1, concurrency: 2 },
    });
    const job = withParent(draft, await findParent(store, draft));
    await this.#takeKilled({ kind: 'version', job });
    await expectWhole(store, 'current', ids);
    const ref = 'stable';
    const expected = (await readRef(store, 'test', ref))?.generation ?? 0;
    const move = { ...refMove(version, expected), ref, writeId: `promote ${version}` };
    const pin = {
      dataset: 'test',
      job: `promote-${version}`,
      versions: [version],
      makes: null,
      owner: TEST_OWNER,
    };
    if (this.#random() < 0.5) await this.#takeKilled({ kind: 'promotion', output: this.#output, pin, move });
    await this.#takeKilled({ kind: 'collection', output: this.#output });
    await expectWhole(store, 'current', ids);
    if (await readRef(store, 'test', ref)) await expectWhole(store, ref);
  }

  close(): Promise<void> {
    return this.#stores.close();
  }

  /** Kills one or two processes that take a task, and then takes it here to its end. */
  async #takeKilled(task: KilledTask): Promise<void> {
    for (let processes = this.#random() < 0.4 ? 2 : 1; processes > 0; processes -= 1) {
      const kill: NumberedKill = {
        nth: 1 + Math.floor(this.#random() * LATEST[task.kind]),
        moment: this.#random() < 0.5 ? 'before' : 'after',
      };
      const file = join(this.#folder, `${randomUUID()}.json`);
      writeFileSync(file, JSON.stringify({ task, kill, output: this.#output }));
      const child = spawn(process.execPath, [this.#script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
      let key = '';
      child.stdout.on('data', (piece: Buffer) => {
        key += piece.toString();
      });
      const [code, signal] = await once(child, 'close');
      expect([0, 'SIGKILL']).toContain(code ?? signal);
      if (signal !== 'SIGKILL') break;
      this.killedAt.push(`${task.kind} ${kill.moment} ${key}`);
    }
    await takeTask(task, this.#stores.open).catch((error: unknown) => {
      throw new Error(`seed ${SEED}, killed at ${this.killedAt.slice(-3).join(', ')}`, { cause: error });
    });
  }

  /** Adds, edits or removes an object. Returns the ids of all documents. */
  #changeCorpus(): string[] {
    const name = OBJECTS[Math.floor(this.#random() * OBJECTS.length)]!;
    if (this.#texts.has(name) && this.#texts.size > 1 && this.#random() < 0.3) this.#texts.delete(name);
    else this.#texts.set(name, `${name}${this.#round}`);
    rmSync(join(this.#folder, 'corpus'), { recursive: true, force: true });
    const objects = [...this.#texts].map(
      ([object, prefix]) => [`${object}.jsonl`, documents(5, 25, prefix)] as const,
    );
    writeCorpus(this.#folder, Object.fromEntries(objects));
    return [...this.#texts.values()].flatMap((prefix) =>
      documents(5, 25, prefix).map((_, place) => `${prefix}-${place}`),
    );
  }
}

describe('processes killed with SIGKILL at any of their writes and deletions', { timeout: TIMEOUT }, () => {
  const worlds: [string, number, () => string | undefined][] = [
    ['files', 0, () => undefined],
    ['S3', 1, placeOnS3],
  ];

  test.concurrent.each(worlds)('lose no row and leave none twice: %s', async (_, stream, placeOf) => {
    const world = new KilledWorld(stream, placeOf());
    while (world.killedAt.length < KILLS / 2) await world.takeRound();
    await world.close();
  });
});

function placeOnS3(): string {
  requireStack();
  return `s3://${TEST_BUCKET}/killed-${randomUUID()}`;
}
