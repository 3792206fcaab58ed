import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isVectormillError } from '../../core/errors.js';
import { type JobRecord, withParent } from '../../core/job-spec.js';
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
import { CONTENT_QUERIES, HISTORIES_TIMEOUT, tries } from './every-night.js';
import { contentOf, type VersionContent } from './version-content.js';

/*
 * Several processes make one version at once, while its corpus changes. Some of them stop because
 * the version would delete much, and forget what they have listed. Writes arrive late.
 */

/** The ids of the objects of the corpus, state by state. One object changes at a time. */
const STATES: readonly Readonly<Record<string, readonly string[]>>[] = [
  { a: ['a1', 'a2', 'a3', 'a4'], b: ['b1', 'b2'], c: ['c1'] },
  { a: ['a1', 'a2'], b: ['b1', 'b2'], c: ['c1'] },
  { a: ['a1', 'a2'], b: ['b1', 'b2'], c: ['x1', 'c1', 'x2', 'a1'] },
  { a: ['a1', 'a2'], b: ['b3', 'b1', 'a2', 'x1'], c: ['x1', 'c1', 'x2', 'a1'] },
  { a: ['a5', 'a6', 'x2', 'b1', 'a1'], b: ['b3', 'b1', 'a2', 'x1'], c: ['x1', 'c1', 'x2', 'a1'] },
];

/** The codes with which a process may end that others disturb. */
const ENDS = ['DELETES_EXCEEDED', 'INPUT_CHANGED', 'PLAN_FORGOTTEN'];

/** With other chunking nothing is carried over. */
const KINDS = [{}, { chunking: { max_tokens: 12 } }];

type Kind = (typeof KINDS)[number];

const whole = new Map<string, Promise<VersionContent>>();

/** Returns the content of a version without a parent, by its kind and the state of the corpus. */
function wholeContent(kind: number, state: number): Promise<VersionContent> {
  const make = async () => {
    const corpus = new Corpus(KINDS[kind]!);
    await corpus.write(state);
    await corpus.run(corpus.job('n2', { ...KINDS[kind]!, parent: 'none' }));
    return corpus.content('n2');
  };
  const name = `${kind} ${state}`;
  if (!whole.has(name)) whole.set(name, make());
  return whole.get(name)!;
}

/** Returns whether a version has the content of one of the states of its corpus. */
async function isOfOneState(kind: number, found: VersionContent): Promise<boolean> {
  for (const state of STATES.keys())
    if (contentDifferences(found, await wholeContent(kind, state)).length === 0) return true;
  return false;
}

/** A corpus and its versions in memory. */
class Corpus {
  readonly #place = placeInMemory();
  /** The number of operations on stores so far. */
  operations = 0;

  constructor(readonly kind: Kind) {}

  async write(state: number): Promise<void> {
    const store = this.#place.openStore(`file://${this.#place.folder}`);
    for (const [name, ids] of Object.entries(STATES[state]!)) {
      const lines = ids.map((id) => `${JSON.stringify({ _id: id, text: `the text of ${id}` })}\n`);
      const bytes = Buffer.from(lines.join(''));
      const key = `corpus/${name}.jsonl`;
      if ((await store.head(key)) && bytes.equals(await store.get(key))) continue;
      await store.put(key, bytes);
    }
  }

  job(version: string, more: Record<string, unknown> = {}): JobRecord {
    const limits = { reject_share: 1, concurrency: 2, delete_share: 0, delete_documents: 0 };
    return testJob(this.#place.folder, { version, limits, shard_bytes: 60, ...more });
  }

  /** Returns the job of the second version, before that is finished. */
  async second(): Promise<JobRecord> {
    const job = this.job('n2', this.kind);
    return withParent(job, await findParent(this.#place.openStore(job.spec.output), job));
  }

  async run(job: JobRecord, delays: readonly number[] = [0]): Promise<void> {
    const store = (root: string): ObjectStore => this.#delayed(this.#place.openStore(root), delays);
    await runJobLocally(job, testProcess({ store }).tools, new AbortController().signal).done;
  }

  async content(selector: string): Promise<VersionContent> {
    const store = this.#place.openStore(`file://${join(this.#place.folder, 'out')}`);
    return contentOf(await resolveVersion(store, { dataset: 'test', selector }), CONTENT_QUERIES);
  }

  /** Resolves once all processes together have done so many operations, or nothing goes on. */
  async until(operations: number): Promise<void> {
    for (let idle = 0, last = -1; this.operations < operations && idle < 500; idle += 1) {
      if (this.operations !== last) idle = 0;
      last = this.operations;
      await new Promise(setImmediate);
    }
  }

  #delayed(inner: ObjectStore, delays: readonly number[]): ObjectStore {
    let next = 0;
    const late = async <T>(call: () => Promise<T>): Promise<T> => {
      this.operations += 1;
      const delay = delays[next++ % delays.length]!;
      if (delay > 0) await this.until(this.operations + delay);
      return call();
    };
    return changedStore(inner, {
      head: (key) => late(() => inner.head(key)),
      get: (key, options) => late(() => inner.get(key, options)),
      put: (key, body, options) => late(() => inner.put(key, body, options)),
    });
  }
}

/** A run of the version's job. */
const disturbed = fc.record({
  /** Whether it may delete what the version deletes. */
  isAllowed: fc.boolean(),
  /** The number of operations on stores, of all processes, before which it begins. */
  begins: fc.nat(200),
  /** The delays of its operations, taken in turn. */
  delays: fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(400) }), {
    minLength: 1,
    maxLength: 12,
    size: 'max',
  }),
});

it(
  'a version is of one listing of its corpus, whoever forgets which plan, and however late writes arrive',
  async () => {
    process.env.VECTORMILL_CACHE = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(KINDS.length - 1),
        fc.array(disturbed, { minLength: 3, maxLength: 6, size: 'max' }),
        fc.array(fc.nat(250), { minLength: STATES.length - 2, maxLength: STATES.length - 2 }),
        async (kind, runs, changes) => {
          const corpus = new Corpus(KINDS[kind]!);
          await corpus.write(0);
          await corpus.run(corpus.job('n1'));
          await corpus.write(1);
          const job = await corpus.second();
          corpus.operations = 0;
          const changing = changes
            .sort((a, b) => a - b)
            .map(async (at, change) => {
              await corpus.until(at);
              await corpus.write(change + 2);
            });
          await Promise.all([
            ...changing,
            ...runs.map(async ({ isAllowed, begins, delays }) => {
              await corpus.until(begins);
              await endOf(corpus, isAllowed ? allowing(job) : job, delays);
            }),
          ]);
          if ((await endOf(corpus, allowing(job))) === 'done') {
            const found = await corpus.content('n2');
            expect(contentFaults(found)).toEqual([]);
            expect(await isOfOneState(kind, found)).toBe(true);
          }
        },
      ),
      { ...tries(0.01), endOnFailure: true },
    );
  },
  HISTORIES_TIMEOUT,
);

/** Returns a job that may delete what it deletes. */
function allowing(job: JobRecord): JobRecord {
  return { ...job, spec: { ...job.spec, limits: { ...job.spec.limits, allowDeletes: 1000 } } };
}

/** Runs a job. Returns `done`, or the code with which it ended. */
async function endOf(corpus: Corpus, job: JobRecord, delays?: readonly number[]): Promise<string> {
  try {
    await corpus.run(job, delays);
    return 'done';
  } catch (error) {
    if (!isVectormillError(error) || !ENDS.includes(error.code)) throw error;
    return error.code;
  }
}
