/**
 * At most `limit` requests, or tokens of requests, in every half-open span of `ms` milliseconds.
 */
export interface RateWindow {
  counts: 'requests' | 'tokens';
  limit: number;
  ms: number;
}

interface Granted {
  at: number;
  amount: number;
}

/**
 * The part of a minute that has a limit of its own, so that the allowance of a minute is not used
 * up in a burst.
 */
const WINDOWS_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/**
 * Returns the windows that enforce a limit per minute. The shorter window makes the pace even,
 * because providers that state a limit per minute may enforce it by the second.
 */
export function perMinute(counts: RateWindow['counts'], limit: number): RateWindow[] {
  return [
    { counts, limit, ms: MINUTE_MS },
    { counts, limit: Math.ceil(limit / WINDOWS_PER_MINUTE), ms: MINUTE_MS / WINDOWS_PER_MINUTE },
  ];
}

/**
 * Assigns times to requests, in the order in which they ask. What begins within any window never
 * exceeds the window's limit. The only exception is a request that exceeds the limit by itself: it
 * goes alone, so that no request waits for ever.
 */
export class RequestLimit {
  readonly #windows: { rule: RateWindow; granted: Granted[]; total: number }[];
  #earliest = Number.NEGATIVE_INFINITY;

  constructor(rules: readonly RateWindow[]) {
    this.#windows = rules.map((rule) => ({ rule, granted: [], total: 0 }));
  }

  /**
   * Returns when a request of this many tokens may begin, in ms from the origin of `now`. It is
   * never before `now`.
   */
  reserve(now: number, tokens: number): number {
    let at = Math.max(now, this.#earliest);
    for (const { rule, granted, total } of this.#windows) {
      const amount = amountOf(rule, tokens);
      let kept = total;
      for (const one of granted) {
        const isOver = one.at + rule.ms <= at;
        if (!isOver && kept + amount <= rule.limit) break;
        kept -= one.amount;
        at = Math.max(at, one.at + rule.ms);
      }
    }
    this.#earliest = at;
    for (const window of this.#windows) {
      const { rule, granted } = window;
      const over = granted.findIndex((one) => one.at + rule.ms > at);
      for (const one of granted.splice(0, over < 0 ? granted.length : over)) window.total -= one.amount;
      const amount = amountOf(rule, tokens);
      granted.push({ at, amount });
      window.total += amount;
    }
    return at;
  }

  /** Delays every request that has no time yet until `at` or later. */
  holdUntil(at: number): void {
    this.#earliest = Math.max(this.#earliest, at);
  }
}

function amountOf({ counts }: RateWindow, tokens: number): number {
  return counts === 'requests' ? 1 : tokens;
}
