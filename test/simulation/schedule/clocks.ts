import { seededRandom } from '../../../core/seeded-random.js';
import { streamOf } from './stream-of.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const BEGINNING = Date.UTC(2026, 0, 1);
/** The number of steps in a thousand after which the store's clock is hours further. */
const LEAPS = 4;
const LONGEST_STEP_MS = 200;
/** The times by which the clock of a machine may be ahead of the store's. */
const OFFSETS = [0, 0, 40, -2 * SECOND, 3 * SECOND, -HOUR, HOUR, -26 * HOUR, 26 * HOUR];
/** The share of readings at which a machine's clock was set anew. */
const RESETS = 0.05;

/** The clock of the store, by which its objects are dated, and those of machines, which differ. */
export class Clocks {
  #now = BEGINNING;
  readonly #seed: number;
  readonly #random: () => number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed, streamOf('clock'));
  }

  /** The present time of the store, in ms since the epoch. It never goes back. */
  readonly now = (): number => this.#now;

  /** Lets some time pass: mostly less than a second, seldom hours. */
  advance(): void {
    const draw = this.#random() * 1000;
    this.#now += draw < LEAPS ? 2 * HOUR : 1 + Math.floor((draw * LONGEST_STEP_MS) / 1000);
  }

  /** Lets two hours pass. */
  leap(): void {
    this.#now += 2 * HOUR;
  }

  /** Returns the clock of a machine, which jumps. */
  machine(name: string): () => number {
    const random = seededRandom(this.#seed, streamOf(`clock of ${name}`));
    const drawn = () => OFFSETS[Math.floor(random() * OFFSETS.length)]!;
    let offset = drawn();
    return () => {
      if (random() < RESETS) offset = drawn();
      return this.#now + offset;
    };
  }
}
