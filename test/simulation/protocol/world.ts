import { type ErrorCode, isFinal, isVectormillError } from '../../../core/errors.js';
import type { RefMove } from '../../../core/ref.js';
import { DEFAULT_RETENTION, type RetentionPolicy } from '../../../core/retention/retention-policy.js';
import { Clocks } from '../schedule/clocks.js';
import type { FaultSource } from '../schedule/faults.js';
import { type Chooser, Scheduler } from '../schedule/scheduler.js';
import { SimulatedBucket } from '../store/simulated-bucket.js';
import { SimulatedProcess, type UploadSizes } from '../store/simulated-process.js';
import type { Protocol } from './protocol.js';
import { BucketRules } from './rules.js';

/** A promise that an interleaving has broken. `rule` is the same for all breaches of one kind. */
export interface Violation {
  rule: string;
  what: string;
}

/** Errors of those who read what is being deleted. */
export const GONE: readonly string[] = [
  'VERSION_RETIRED',
  'VERSION_NOT_FOUND',
  'DATASET_NOT_FOUND',
  'OBJECT_NOT_FOUND',
] satisfies ErrorCode[];

/** Is thrown where a job or a command gives up because the store was not there. */
export class GaveUp extends Error {}

interface WorldOptions {
  seed: number;
  protocol: Protocol;
  /** The rows of the corpus on each night. */
  corpus: readonly (readonly string[])[];
  /** Undefined where nothing is collected. */
  policy: RetentionPolicy | undefined;
  /** Draws what actors decide. */
  random: () => number;
  choose: Chooser;
  faults: FaultSource;
  pageSize: number;
  uploads: UploadSizes | undefined;
  onStep?: ((label: string) => void) | undefined;
  onRequest?: ((line: string) => void) | undefined;
}

/** The number of attempts after which a job is left unfinished. */
const ATTEMPTS = 6;

/** All that the actors of one interleaving share, and what is known of the right results. */
export class World {
  readonly protocol: Protocol;
  readonly bucket: SimulatedBucket;
  readonly scheduler: Scheduler;
  readonly clocks: Clocks;
  readonly rules: BucketRules;
  readonly corpus: WorldOptions['corpus'];
  readonly policy: RetentionPolicy;
  readonly hasCollections: boolean;
  readonly random: () => number;
  /** The first promise that was broken. */
  violation: Violation | undefined;
  readonly #options: WorldOptions;
  readonly #processes = new Map<string, number>();

  constructor(options: WorldOptions) {
    const { seed, protocol, corpus, policy, random, choose, pageSize, onStep } = options;
    this.#options = options;
    this.protocol = protocol;
    this.corpus = corpus;
    this.policy = policy ?? DEFAULT_RETENTION;
    this.hasCollections = policy !== undefined;
    this.random = random;
    this.clocks = new Clocks(seed);
    this.scheduler = new Scheduler(choose, (label) => {
      this.clocks.advance();
      onStep?.(label);
    });
    this.rules = new BucketRules(this);
    this.bucket = new SimulatedBucket({
      now: this.clocks.now,
      pageSize,
      onChange: (change) => this.rules.check(change),
    });
  }

  /** Notes that a promise was broken, which ends the interleaving. */
  violate(rule: string, what: string): void {
    this.violation ??= { rule, what };
    this.scheduler.stop();
  }

  /** Returns the rows that a version of a night must have. */
  rowsOf(version: string): readonly string[] {
    return this.corpus[Number(version.slice(1))]!;
  }

  /** Returns whether any version is being deleted, or is gone. */
  hasDeleted(): boolean {
    return this.corpus.some((_, night) => this.rules.isDeleting(`v${night}`));
  }

  /** Starts a process. The second one of a name is called `name/2`. */
  process(name: string): SimulatedProcess {
    const number = (this.#processes.get(name) ?? 0) + 1;
    this.#processes.set(name, number);
    const full = `${name}/${number}`;
    const { faults, uploads, onRequest } = this.#options;
    const { bucket, scheduler, protocol } = this;
    const network = { bucket, scheduler, faults, onRequest };
    const { openStore } = protocol;
    return new SimulatedProcess(full, network, { now: this.clocks.machine(full), uploads, openStore });
  }

  /**
   * Does a piece of work as Temporal does an activity: after a failure that passes, or when a
   * process is believed to be dead, another process begins anew. Errors: `GaveUp`; those of `work`
   * whose codes are expected. Any other error is a violation.
   */
  async attempts<T>(
    name: string,
    work: (process: SimulatedProcess) => Promise<T>,
    isExpected: (code: string) => boolean = () => false,
  ): Promise<T> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const process = this.process(name);
      let isLost = false;
      // What a zombie reads may be deleted, since its job may have ended.
      const mayBe = (code: string) =>
        isExpected(code) || (isLost && GONE.includes(code) && this.hasDeleted());
      const outcome = await Promise.race([
        work(process).then(
          (value) => ({ value }),
          (error: unknown) => ({ error: this.#judged(process, error, mayBe) }),
        ),
        process.lost.then(() => {
          isLost = true;
        }),
      ]);
      if (outcome && 'value' in outcome) return outcome.value;
      if (outcome?.error) throw outcome.error;
    }
    throw new GaveUp(name);
  }

  /** Does what a person asks for once. Undefined where the process ended. Errors: as `attempts`. */
  async command<T>(
    name: string,
    work: (process: SimulatedProcess) => Promise<T>,
    isExpected: (code: string) => boolean = () => false,
  ): Promise<T | undefined> {
    const process = this.process(name);
    const done = work(process).catch((error: unknown) => {
      throw this.#judged(process, error, isExpected) ?? new GaveUp(name);
    });
    // A command that nobody waits for any more goes on nevertheless.
    return Promise.race([done, process.lost.then(() => undefined)]);
  }

  /** Returns an error that ends the work, or undefined for one after which it is tried again. */
  #judged(
    process: SimulatedProcess,
    error: unknown,
    isExpected: (code: string) => boolean,
  ): Error | undefined {
    if (isVectormillError(error)) {
      if (isExpected(error.code)) return error;
      if (!isFinal(error.code)) return undefined;
    }
    const shown = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
    this.violate('no error but of the store', `${process.name} failed: ${shown}`);
    return new GaveUp(process.name);
  }

  /** Notes a move that somebody is about to make. */
  expectMove({ writeId, expected }: Pick<RefMove, 'writeId' | 'expected'>): void {
    this.rules.expectedGenerations.set(writeId, expected);
  }
}
