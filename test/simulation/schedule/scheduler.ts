import { setImmediate } from 'node:timers/promises';

/** A call that waits for its turn. */
export interface WaitingCall {
  actor: string;
  /** The step before which the call does not go on while others can, as of one that stalls. */
  notBefore: number;
}

/** Says which of the waiting calls goes on at a step. It returns a place among them. */
export type Chooser = (waiting: readonly WaitingCall[], step: number) => number;

/** Work may await what is no call, such as Node's own queue; it takes a few turns of the loop. */
const IDLE_TURNS = 8;

/**
 * Lets one call after another go on, so that the order of all calls is that of the chooser. Between
 * two calls, everything that does not wait for a call runs as far as it can. It must not depend on
 * timers, threads or the network.
 */
export class Scheduler {
  /** The number of calls that have gone on. */
  steps = 0;
  readonly #waiting: (WaitingCall & { go: () => void })[] = [];
  readonly #choose: Chooser;
  readonly #onStep: ((label: string) => void) | undefined;
  #isStopped = false;

  /** `onStep` is told whose call goes on; see `labelOf`. */
  constructor(choose: Chooser, onStep?: (label: string) => void) {
    this.#choose = choose;
    this.#onStep = onStep;
  }

  /** Resolves when it is the turn of this call. */
  turn(actor: string, stallSteps = 0): Promise<void> {
    return new Promise((go) =>
      this.#waiting.push({ actor, notBefore: stallSteps === 0 ? 0 : this.steps + stallSteps, go }),
    );
  }

  /** Resolves once no call waits any more, or after `stop`. */
  async run(): Promise<void> {
    for (let idle = 0; idle < IDLE_TURNS && !this.#isStopped; ) {
      await setImmediate();
      if (this.#waiting.length === 0) {
        idle += 1;
        continue;
      }
      idle = 0;
      const place = this.#choose(this.#waiting, this.steps);
      this.#onStep?.(labelOf(this.#waiting, place));
      const [call] = this.#waiting.splice(place, 1);
      this.steps += 1;
      call!.go();
    }
  }

  /** Ends the run. Calls that wait do so for ever. */
  stop(): void {
    this.#isStopped = true;
  }
}

/**
 * Names a waiting call: its actor, and its number among those of the actor where it is not the
 * first.
 */
export function labelOf(waiting: readonly WaitingCall[], place: number): string {
  const { actor } = waiting[place]!;
  const before = waiting.slice(0, place).filter((call) => call.actor === actor).length;
  return before === 0 ? actor : `${actor}~${before}`;
}
