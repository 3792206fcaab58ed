import { setTimeout } from 'node:timers/promises';
import type { Client, ScheduleHandle } from '@temporalio/client';
import { counted } from '../../core/counted.js';
import type { StepReport } from '../../core/schedule/night.js';
import { type IndexProgress, type MiningProgress, QUERIES } from '../../core/workflow-api.js';
import type { EndSignal, Interruption } from '../interruptible.js';
import { activityPositions } from '../job/activity-positions.js';
import { queryOrUndefined } from '../job/observe-job.js';
import { count } from '../job/progress-line.js';
import { ProgressTracker } from '../job/progress-tracker.js';
import { untilAborted } from '../job/until-aborted.js';
import { NightLine, nightDisplay, type StepView } from './night-line.js';
import { type NightObservation, observeNight } from './observe-night.js';

export type NightEnd =
  | { kind: 'ended'; night: NightObservation }
  | { kind: 'detached'; by: EndSignal | undefined };

/**
 * Begins a night by `trigger` and shows its progress on stderr until it ends, or until the wait is
 * interrupted, which leaves it running. If a night already runs, it is waited for as well: the
 * night that is shown is the first to begin after the trigger.
 */
export function triggerAndWatch(
  client: Client,
  handle: ScheduleHandle,
  trigger: () => Promise<void>,
  how: { interruption: Interruption; json: boolean },
): Promise<NightEnd> {
  return watchNight(
    client,
    async () => {
      const before = await nightsOf(handle);
      await trigger();
      return () => nextNightBegun(handle, before);
    },
    how,
  );
}

/**
 * Begins a night and shows its progress on stderr until it ends, or until the wait is interrupted,
 * which leaves it running. `begin` returns what finds the id of its workflow, or undefined while
 * there is none yet.
 */
export async function watchNight(
  client: Client,
  begin: () => Promise<() => Promise<string | undefined>>,
  { interruption: { signal, by }, json }: { interruption: Interruption; json: boolean },
): Promise<NightEnd> {
  const show = nightDisplay(json);
  try {
    const find = await begin();
    let watched: WatchedNight | undefined;
    for (;;) {
      const night = await untilAborted(client, signal, async () => {
        const id = watched ? undefined : await find();
        if (id !== undefined) watched = new WatchedNight(client, id);
        return watched?.observe();
      });
      if (night && night.state !== 'running') return { kind: 'ended', night };
      show(night && watched ? await watched.line(night) : 'waiting for the night to begin');
      await setTimeout(show.intervalMs, undefined, { signal });
    }
  } catch (error) {
    if (signal.aborted) return { kind: 'detached', by: by() };
    throw error;
  } finally {
    show.stop();
  }
}

/** Returns the workflow ids of the nights that a schedule has recently begun. */
async function nightsOf(handle: ScheduleHandle): Promise<string[]> {
  const { info } = await handle.describe();
  return info.recentActions.map(({ action }) => action.workflow.workflowId);
}

async function nextNightBegun(
  handle: ScheduleHandle,
  before: readonly string[],
): Promise<string | undefined> {
  return (await nightsOf(handle)).find((id) => !before.includes(id));
}

/** Observes a night again and again, and remembers enough for rates. */
class WatchedNight {
  readonly #client: Client;
  readonly #id: string;
  readonly #tracker = new ProgressTracker();
  readonly #line = new NightLine();

  constructor(client: Client, id: string) {
    this.#client = client;
    this.#id = id;
  }

  observe(): Promise<NightObservation | undefined> {
    return observeNight(this.#client, this.#id, (job) => this.#tracker.view(job, performance.now()));
  }

  /** Returns one line with the version, the step, its progress and its ETA. */
  async line({ night, embedding }: NightObservation): Promise<string> {
    if (!night) return 'waiting for a worker; start one with `vectormill worker`';
    const running = night.steps.find(({ state }) => state === 'running');
    const view = running && embedding === null ? await viewStep(this.#client, running) : undefined;
    return this.#line.of(night, embedding, view);
  }
}

async function viewStep(client: Client, { step, workflowId }: StepReport): Promise<StepView | undefined> {
  if (workflowId === null || step === 'embed') return undefined;
  const handle = client.workflow.getHandle(workflowId);
  if (step === 'mine') {
    const progress = await queryOrUndefined<MiningProgress>(client, handle, QUERIES.progress);
    if (!progress) return undefined;
    const { stage, done, shards } = progress;
    return {
      fraction: shards > 0 ? done / shards : 0,
      words: `${stage} · ${count(done)}/${counted(shards, 'shard')}`,
    };
  }
  const progress = await queryOrUndefined<IndexProgress>(client, handle, QUERIES.progress);
  const description = await handle.describe().catch(() => undefined);
  if (!progress || !description) return undefined;
  const { stage, rows, rowsTotal } = progress;
  const positions = await activityPositions(client, description);
  const inHand = positions.reduce((sum, position) => sum + position.rows, 0);
  const done = Math.min(rowsTotal, rows + inHand);
  return {
    fraction: rowsTotal > 0 ? done / rowsTotal : 0,
    words: `${stage} · ${count(done)}/${counted(rowsTotal, 'row')}`,
  };
}
