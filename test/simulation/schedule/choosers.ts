import { type Chooser, labelOf, type WaitingCall } from './scheduler.js';

/** The ways in which a chooser explores orders. Each finds faults that the others rarely meet. */
export const STRATEGIES = ['any call', 'long turns', 'priorities'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** The share of steps at which an actor with a long turn is interrupted. */
const INTERRUPTIONS = 0.1;
/** The share of steps at which the first of all actors becomes the last. */
const DEMOTIONS = 0.06;

/** Returns a chooser that draws the order of calls. */
export function drawnChooser(strategy: Strategy, random: () => number): Chooser {
  if (strategy === 'any call') return amongReady((places) => places[Math.floor(random() * places.length)]!);
  if (strategy === 'long turns') {
    let last = '';
    return amongReady((places, waiting) => {
      const goesOn = places.find((place) => waiting[place]!.actor === last);
      const place =
        goesOn !== undefined && random() >= INTERRUPTIONS
          ? goesOn
          : places[Math.floor(random() * places.length)]!;
      last = waiting[place]!.actor;
      return place;
    });
  }
  return byPriorities(random);
}

/**
 * Returns a chooser that always takes the waiting actor with the highest priority, and now and then
 * makes that one the last. Orders with few changes at the right moments are probable with it.
 */
function byPriorities(random: () => number): Chooser {
  const priorities = new Map<string, number>();
  let lowest = 0;
  const priorityOf = (actor: string) => {
    const known = priorities.get(actor) ?? random();
    priorities.set(actor, known);
    return known;
  };
  return amongReady((places, waiting) => {
    const first = places.reduce((best, place) =>
      priorityOf(waiting[place]!.actor) > priorityOf(waiting[best]!.actor) ? place : best,
    );
    if (random() < DEMOTIONS) {
      lowest -= 1;
      priorities.set(waiting[first]!.actor, lowest);
    }
    return first;
  });
}

/**
 * Returns a chooser that follows labels of an earlier run. Labels whose call does not wait are left
 * out. After the last of them the actor whose turn it is goes on as long as it can.
 */
export function scriptedChooser(labels: readonly string[]): Chooser {
  let next = 0;
  let last = '';
  return (waiting, step) => {
    for (; next < labels.length; next += 1) {
      const place = waiting.findIndex((_, candidate) => labelOf(waiting, candidate) === labels[next]);
      if (place < 0) continue;
      next += 1;
      last = waiting[place]!.actor;
      return place;
    }
    const place = amongReady(
      (places) => places.find((ready) => waiting[ready]!.actor === last) ?? places[0]!,
    )(waiting, step);
    last = waiting[place]!.actor;
    return place;
  };
}

function amongReady(choose: (places: readonly number[], waiting: readonly WaitingCall[]) => number): Chooser {
  return (waiting, step) => {
    const all = waiting.map((_, place) => place);
    const ready = all.filter((place) => waiting[place]!.notBefore <= step);
    return choose(ready.length > 0 ? ready : all, waiting);
  };
}
