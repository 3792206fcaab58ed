import type { CompactionPlan } from '../../core/compaction/plan-compaction.js';
import { type JobRecord, withParent } from '../../core/job-spec.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { findParent } from '../../engine/version/find-parent.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { MemoryStore } from './memory-store.js';
import { type CorpusLine, testJob } from './test-job.js';
import { testProcess } from './test-tools.js';

const FOLDER = '/in-memory';
const never = new AbortController().signal;

/** Nights of a corpus in memory, which the local executor makes with the test model. */
export class MemoryNights {
  /** The store of the versions. Tests put another one in its place. */
  output: ObjectStore;
  /** Chooses which parts of a night are joined. */
  plan: CompactionPlan | undefined;
  readonly #corpus = new MemoryStore(`file://${FOLDER}`);
  readonly #settings: Record<string, unknown>;
  #nights = 0;

  /** `settings` are keys of the job files of all nights. */
  constructor(settings: Record<string, unknown> = {}) {
    this.#settings = settings;
    this.output = new MemoryStore(`file://${FOLDER}/nights`);
  }

  /** Writes the objects of the corpus that differ from before. */
  async write(objects: Readonly<Record<string, readonly CorpusLine[]>>): Promise<void> {
    for (const [name, lines] of Object.entries(objects)) {
      const bytes = Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
      const key = `corpus/${name}`;
      const before = (await this.#corpus.head(key)) && (await this.#corpus.get(key));
      if (!before || !bytes.equals(before)) await this.#corpus.put(key, bytes);
    }
  }

  /** Makes the version of the next night. */
  async next(): Promise<ReadableVersion> {
    this.#nights += 1;
    return this.run({ version: `n${this.#nights}` });
  }

  /** Makes a version of the same corpus without a parent, elsewhere. */
  whole(): Promise<ReadableVersion> {
    const elsewhere = new MemoryStore(`file://${FOLDER}/whole`);
    return this.run({ version: 'whole', output: './whole', parent: 'none' }, elsewhere);
  }

  /** Runs the job of a version, which may have been begun, to its end. */
  async run(draft: Record<string, unknown>, output = this.output, signal = never): Promise<ReadableVersion> {
    const job = await this.#job(draft, output);
    const store = (root: string) => (root === job.spec.output ? output : this.#corpus);
    const { tools } = testProcess({ store });
    const planned = this.plan ? { ...tools, planCompaction: this.plan } : tools;
    await runJobLocally(job, planned, signal).done;
    return resolveVersion(output, { dataset: 'test', selector: job.spec.version });
  }

  async #job(draft: Record<string, unknown>, output: ObjectStore): Promise<JobRecord> {
    const job = testJob(FOLDER, { output: './nights', ...this.#settings, ...draft });
    return withParent(job, await findParent(output, job));
  }
}
