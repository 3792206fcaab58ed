import { isVectormillError } from '../../../core/errors.js';
import type { RetentionPolicy } from '../../../core/retention/retention-policy.js';
import { seededRandom } from '../../../core/seeded-random.js';
import { drawnChooser, STRATEGIES, scriptedChooser } from '../schedule/choosers.js';
import { drawnFaults, type FaultSource, listedFaults, type RequestFault } from '../schedule/faults.js';
import { streamOf } from '../schedule/stream-of.js';
import { SimulatedProcess } from '../store/simulated-process.js';
import { checkEnd } from './check-end.js';
import { collectOften, drawnPolicy } from './collection.js';
import { drawnCorpus } from './corpus.js';
import { makeVersion } from './night.js';
import { holdAndRelease, promote, readOften, rollBack } from './people.js';
import type { Protocol } from './protocol.js';
import { GaveUp, type Violation, World } from './world.js';

/** An interleaving that is run again, whole or in part. */
export interface Script {
  /** The actors that take part. */
  actors: readonly string[];
  faults: readonly RequestFault[];
  /** The labels of the calls that go on, in this order; see `scriptedChooser`. */
  choices: readonly string[];
  /** Whether objects are written in one request, and listed on one page. */
  isPlain: boolean;
}

/** The result of an interleaving. */
export interface Interleaving {
  seed: number;
  /** The number of requests. */
  steps: number;
  violation: Violation | undefined;
  /** All that was drawn, so that the same can be run again. */
  script: Script;
  /** A line for each request, where that was asked for. */
  trace: readonly string[];
}

const FAULT_RATES = [0, 0.01, 0.03, 0.1, 0.25];
const ONE_PAGE = 1000;
const PAGE_SIZES = [2, 5, ONE_PAGE];
const UPLOADS = { multipartThresholdBytes: 100, partBytes: 64 };

/** Runs the interleaving of a seed, or a script that was made of it. */
export async function runInterleaving(
  seed: number,
  { protocol, script, isTraced = false }: { protocol: Protocol; script?: Script; isTraced?: boolean },
): Promise<Interleaving> {
  const random = seededRandom(seed, streamOf('interleaving'));
  const any = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const strategy = any(STRATEGIES);
  const faultRate = any(FAULT_RATES);
  const drawnPageSize = any(PAGE_SIZES);
  const drawnUploads = random() < 0.2 ? UPLOADS : undefined;
  const cast = drawnCast(random);

  const faults: RequestFault[] = [];
  const choices: string[] = [];
  const trace: string[] = [];
  const source = script ? listedFaults(script.faults) : drawnFaults(seed, faultRate);
  const world = new World({
    seed,
    protocol,
    corpus: drawnCorpus(seed, cast.nights.length),
    policy: cast.policy,
    random: seededRandom(seed, streamOf('decisions')),
    choose: script
      ? scriptedChooser(script.choices)
      : drawnChooser(strategy, seededRandom(seed, streamOf('schedule'))),
    faults: noting(source, faults),
    pageSize: script?.isPlain ? ONE_PAGE : drawnPageSize,
    uploads: script?.isPlain ? undefined : drawnUploads,
    onStep: (label) => choices.push(label),
    onRequest: isTraced ? (line) => trace.push(line) : undefined,
  });
  const taking = actorsOf(world, cast).filter(({ name }) => !script || script.actors.includes(name));
  const ends = new Map<string, Promise<void>>();
  for (const actor of taking) {
    const before = actor.after === undefined ? undefined : ends.get(actor.after);
    ends.set(actor.name, endOf(world, actor, before));
  }
  const done = Promise.all(ends.values());
  await world.scheduler.run();
  if (!world.violation) {
    const isOver = await Promise.race([done.then(() => true), undefinedSoon()]);
    if (!isOver) world.violate('all work ends', 'an actor waits for something that nobody does');
  }
  if (!world.violation) await checkEnd(world, processAfterwards(world));
  const { violation } = world;
  const { steps } = world.scheduler;
  return {
    seed,
    steps,
    violation,
    script: { actors: taking.map(({ name }) => name), faults, choices, isPlain: script?.isPlain ?? false },
    trace,
  };
}

interface Actor {
  name: string;
  /** The actor after whose end this one begins. */
  after?: string;
  act: () => Promise<void>;
}

const PEOPLE = ['promotion', 'rollback', 'reader', 'hold'] as const;
const COLLECTORS = ['collection-a', 'collection-b'];
const LATEST_BEGIN = 200;

/** The actors that take part in an interleaving. */
interface Cast {
  /** The time at which each night begins. */
  nights: readonly ('at once' | 'after the last')[];
  /** The others, and the step before which each of them does not begin. */
  people: readonly { name: string; begins: number }[];
  /** By which versions are collected; undefined where none are. */
  policy: RetentionPolicy | undefined;
  /** Those who collect. */
  collectors: readonly string[];
}

function drawnCast(random: () => number): Cast {
  const nights = random() < 0.6 ? 2 : 3;
  const people = 1 + Math.floor(random() * 3);
  const policy = random() < 0.6 ? drawnPolicy(random) : undefined;
  return {
    nights: Array.from({ length: nights }, (_, night) =>
      night > 0 && random() < 0.7 ? 'after the last' : 'at once',
    ),
    people: Array.from({ length: people }, (_, place) => ({
      name: `${PEOPLE[Math.floor(random() * PEOPLE.length)]!}-${place}`,
      begins: Math.floor(random() * LATEST_BEGIN),
    })),
    policy,
    collectors: policy ? COLLECTORS.slice(0, random() < 0.5 ? 1 : 2) : [],
  };
}

function actorsOf(world: World, { nights, people, collectors }: Cast): Actor[] {
  const deeds = {
    promotion: promote,
    rollback: (of: World, name: string) => rollBack(of, name),
    reader: readOften,
    hold: holdAndRelease,
  };
  return [
    ...nights.map((begins, night) => ({
      name: `night-${night}`,
      act: () => makeVersion(world, night),
      ...(begins === 'after the last' && { after: `night-${night - 1}` }),
    })),
    ...collectors.map((name) => ({ name, act: () => collectOften(world, name) })),
    ...people.map(({ name, begins }) => ({
      name,
      act: async () => {
        await world.scheduler.turn(name, begins);
        await deeds[name.split('-')[0] as keyof typeof deeds](world, name);
      },
    })),
  ];
}

/** Lets an actor act. What it may meet at its end was judged where it was met. */
async function endOf(world: World, { name, act }: Actor, before: Promise<void> | undefined): Promise<void> {
  await before;
  try {
    await act();
  } catch (error) {
    if (error instanceof GaveUp || isVectormillError(error)) return;
    world.violate('no error but of the store', `${name} failed: ${(error as Error).stack}`);
  }
}

function noting(source: FaultSource, faults: RequestFault[]): FaultSource {
  return (process, request, kind) => {
    const fault = source(process, request, kind);
    if (fault) faults.push({ process, request, kind: fault });
    return fault;
  };
}

/** Returns a process that meets no faults, and whose calls go on at once. */
function processAfterwards({ bucket, clocks }: World): SimulatedProcess {
  const network = { bucket, scheduler: { turn: async () => {} }, faults: () => undefined };
  return new SimulatedProcess('afterwards', network, { now: clocks.now });
}

function undefinedSoon(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => resolve(undefined)));
}
