import type { CompactionPlan } from '../../core/compaction/plan-compaction.js';
import { isVectormillError } from '../../core/errors.js';
import { type JobRecord, withParent } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import { encodingOf, PROBE_TEXTS } from '../../core/manifest.js';
import { needsRanges } from '../../core/vector-precision.js';
import type { Embedder } from '../../engine/model/embedder.js';
import type { StepTools } from '../../engine/steps/step-context.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import type { Tokenizer } from '../../engine/tokenizer/tokenizer.js';
import { findParent } from '../../engine/version/find-parent.js';
import { readJobRecord } from '../../engine/version/read-job.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { CrashPlan, failingStore } from '../support/failing-store.js';
import { MemoryStore } from '../support/memory-store.js';
import { testEmbedder } from '../support/test-embedder.js';
import { testJob } from '../support/test-job.js';
import { testTokenizer } from '../support/test-tokenizer.js';
import { testProcess } from '../support/test-tools.js';
import { objectsOf, TAG_COLUMN } from './corpus-objects.js';
import type { CorpusState } from './corpus-state.js';

/** The place of a corpus and its versions, and the model that embeds them. */
export interface NightsPlace {
  folder: string;
  openStore: StoreOpener;
  /** The test model if it is absent. */
  model?: NightsModel;
  /** Chooses which parts of a night are joined. */
  planCompaction?: CompactionPlan;
}

/** An opened model, and the tokenizer by which texts are cut. */
export interface NightsModel {
  embedder: Embedder;
  tokenizer: Tokenizer;
}

/** The circumstances under which the version with a parent is made. */
export interface NightTroubles {
  /**
   * The operations on the output's store at which a run ends, counted from 0 in each of the runs
   * that follow one another, before a last run finishes the version.
   */
  crashes?: readonly number[];
  /** The number of processes that make the version at the same time; 1 if it is absent. */
  processes?: number;
}

/** The versions of one night, which must hold the same. */
export interface NightVersions {
  /** The version that continues the one of the night before. */
  continued: ReadableVersion;
  /** A version of the same corpus without a parent. */
  whole: ReadableVersion;
  /** The number of texts that the last run of the continued version embedded, but for the probe. */
  embeddedTexts: number;
}

/**
 * The nights of one corpus: each makes a version of the corpus as it is then, whose parent is the
 * version of the night before, and a version of the same without a parent.
 */
export class CorpusNights {
  readonly #folder: string;
  readonly #openStore: StoreOpener;
  readonly #model: NightsModel;
  readonly #plan: CompactionPlan | undefined;
  readonly #settings: Record<string, unknown>;
  #objects: ReadonlyMap<string, Uint8Array> = new Map();
  #nights = 0;

  /** `settings` are keys of the job files of all nights. */
  constructor(settings: Record<string, unknown>, place: NightsPlace) {
    this.#folder = place.folder;
    this.#openStore = place.openStore;
    this.#model = place.model ?? { embedder: testEmbedder(), tokenizer: testTokenizer };
    this.#plan = place.planCompaction;
    this.#settings = {
      input: { uri: './corpus', columns: { metadata: [TAG_COLUMN] } },
      limits: { reject_share: 1, concurrency: 3 },
      ...settings,
    };
  }

  /**
   * Makes the versions of the next night. `settings` are keys of its job file that differ from
   * those of the other nights.
   */
  async next(
    state: CorpusState,
    {
      settings = {},
      crashes = [],
      processes = 1,
    }: NightTroubles & { settings?: Record<string, unknown> } = {},
  ): Promise<NightVersions> {
    await this.#writeCorpus(objectsOf(state));
    this.#nights += 1;
    const continuing = { ...settings, output: './nights' };
    for (const crash of crashes) await this.#crash(continuing, crash);
    const others = Array.from({ length: processes - 1 }, () => this.#run(continuing));
    const { version: continued, embeddedTexts } = await this.#run(continuing);
    await Promise.all(others);
    const output = `./whole-${this.#nights}`;
    await this.#copyRanges(continued, `file://${this.#folder}/${output.slice(2)}`);
    const { version: whole } = await this.#run({ ...settings, output, parent: 'none' });
    return { continued, whole, embeddedTexts };
  }

  /** Makes a version, and allows its deletions if the job stops because of them. */
  async #run(draft: Record<string, unknown>): Promise<{ version: ReadableVersion; embeddedTexts: number }> {
    let embeddedTexts = 0;
    const model = this.#model.embedder;
    const embedder: Embedder = {
      ...model,
      signature: model.signature,
      fingerprint: model.fingerprint,
      embed: (texts, options) => {
        if (texts !== PROBE_TEXTS) embeddedTexts += texts.length;
        return model.embed(texts, options);
      },
    };
    const tools = this.#tools(this.#openStore, embedder);
    const run = async (allowDeletes?: number) => {
      const job = await this.#job(draft, allowDeletes);
      await runJobLocally(job, tools, new AbortController().signal).done;
      return job;
    };
    const { output, dataset, version } = (await run().catch(whereDeletesExceed(() => run(1000)))).spec;
    const opened = await resolveVersion(this.#openStore(output), { dataset, selector: version });
    return { version: opened, embeddedTexts };
  }

  /** Runs the night until an operation on the output's store, after which nothing succeeds. */
  async #crash(draft: Record<string, unknown>, operation: number): Promise<void> {
    const stop = new AbortController();
    const plan = new CrashPlan((_, index) => {
      if (index === operation) stop.abort();
      return index === operation;
    });
    const run = async (allowDeletes?: number) => {
      const job = await this.#job(draft, allowDeletes);
      const store = (root: string) =>
        root === job.spec.output ? failingStore(this.#openStore(root), plan) : this.#openStore(root);
      await runJobLocally(job, this.#tools(store, this.#model.embedder), stop.signal).done.catch(
        (error: unknown) => {
          if (!stop.signal.aborted) throw error;
        },
      );
    };
    await run().catch(whereDeletesExceed(() => run(1000)));
  }

  #tools(store: StoreOpener, embedder: Embedder): StepTools {
    const { tokenizer } = this.#model;
    return {
      ...testProcess({ store, embedder }).tools,
      tokenizerOf: async () => tokenizer,
      ...(this.#plan && { planCompaction: this.#plan }),
    };
  }

  /**
   * Lets the version without a parent store its numbers within the ranges of the other one. Ranges
   * are written once, so that the job takes those that it finds.
   */
  async #copyRanges({ store, manifest }: ReadableVersion, output: string): Promise<void> {
    if (!needsRanges(encodingOf(manifest).precision)) return;
    const { ranges } = versionLayout(manifest.dataset, manifest.version);
    await this.#openStore(output).put(ranges, await store.get(ranges));
  }

  /** Returns the job of this night with its parent, which a job that was begun has already. */
  async #job(draft: Record<string, unknown>, allowDeletes?: number): Promise<JobRecord> {
    const values = { ...this.#settings, version: `n${this.#nights}`, ...draft };
    const complete = testJob(this.#folder, values, this.#model.embedder.signature);
    const { spec } = complete;
    const job = { ...complete, spec: { ...spec, limits: { ...spec.limits, allowDeletes } } };
    const store = this.#openStore(job.spec.output);
    const key = versionLayout(job.spec.dataset, job.spec.version).job;
    const isBegun = (await store.head(key)) !== undefined;
    return withParent(job, isBegun ? await readJobRecord(store, key) : await findParent(store, job));
  }

  /** Writes what changed, so that the entity tags of other objects stay. */
  async #writeCorpus(objects: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const store = this.#openStore(`file://${this.#folder}`);
    for (const path of this.#objects.keys()) if (!objects.has(path)) await store.delete(`corpus/${path}`);
    for (const [path, bytes] of objects) {
      const before = this.#objects.get(path);
      if (!before || !Buffer.from(before).equals(bytes)) await store.put(`corpus/${path}`, bytes);
    }
    this.#objects = objects;
  }
}

/** Returns what to do after a job failed: `next`, if it was because of what it would delete. */
function whereDeletesExceed<T>(next: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    if (isVectormillError(error) && error.code === 'DELETES_EXCEEDED') return next();
    throw error;
  };
}

/** Returns a place in memory for the nights of a corpus, which has this name. */
export function placeInMemory(folder = '/in-memory'): NightsPlace {
  const stores = new Map<string, ObjectStore>();
  return {
    folder,
    openStore: (root) => {
      const store = stores.get(root) ?? new MemoryStore(root);
      stores.set(root, store);
      return store;
    },
  };
}
