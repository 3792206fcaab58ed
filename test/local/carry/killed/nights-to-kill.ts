import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NightSummary } from '../../../../core/schedule/night.js';
import type { ScheduleRecord } from '../../../../core/schedule/schedule-record.js';
import type { StoreOpener } from '../../../../engine/store/store-cache.js';
import { runNightLocally } from '../../../../local/run-night.js';
import { oneAttempt } from '../../../support/one-attempt.js';
import { documents, writeCorpus } from '../../../support/test-job.js';
import { testSchedule } from '../../../support/test-schedule.js';
import { testProcess } from '../../../support/test-tools.js';

/** A schedule over the corpus of a folder, as a process that is killed is told of it. */
export interface NightsToKill {
  folder: string;
  /** The folder of the versions, below `folder`. */
  output: string;
  precision: string;
  hasIndex: boolean;
}

export function scheduleOf({ folder, output, precision, hasIndex }: NightsToKill): ScheduleRecord {
  const job = {
    output: `./${output}`,
    vectors: { precision },
    parts: { rows: 10 },
    shard_bytes: 4000,
    limits: { reject_share: 0.5, concurrency: 2, delete_documents: 20 },
  };
  const request = { metric: 'cosine', recallTarget: 0.9, exactBelow: 0 } as const;
  return { ...testSchedule(folder, job), index: hasIndex ? { name: 'main', request } : null };
}

/** The time of a night by its number, from 1. */
function timeOf(night: number): number {
  return Date.UTC(2026, 2, night, 2);
}

/** Runs a night of a schedule in this process. Nights are numbered from 1. */
export function runNight(nights: NightsToKill, night: number, openStore: StoreOpener): Promise<NightSummary> {
  const { tools } = testProcess({ store: openStore });
  const local = {
    ...tools,
    miningOf: () => {
      throw new RangeError('these nights mine nothing');
    },
  };
  const run = { signal: new AbortController().signal, onRetry: oneAttempt };
  return runNightLocally(scheduleOf(nights), timeOf(night), local, run).done;
}

/** Writes the corpus as it is on the first night, on the second one, or later. */
export function writeCorpusOfNight(folder: string, night: number): void {
  const repeated = { _id: 'a-3', text: 'repeats an id of the first object' };
  if (night === 1)
    writeCorpus(folder, {
      'a.jsonl': documents(20, 20, 'a'),
      'b.jsonl': [...documents(20, 20, 'b'), '{"broken"'],
      'c.jsonl': [repeated, ...documents(20, 20, 'c')],
    });
  if (night === 2) writeCorpus(folder, { 'd.jsonl': documents(3, 20, 'd') });
  if (night < 3) return;
  // One document goes, so that the object c must be read; others are edited, moved and repeated.
  const edited = { _id: 'a-7', text: 'edited meanwhile, and of few words' };
  const moved = { ...(documents(1, 20, 'd')[0] as object), _id: 'moved' };
  rmSync(join(folder, 'corpus', 'd.jsonl'));
  writeCorpus(folder, {
    'a.jsonl': documents(20, 20, 'a').flatMap((line, place) =>
      place === 3 ? [] : [place === 7 ? edited : line],
    ),
    'a-1.jsonl': ['{"broken as well"', { _id: 'b-4', text: 'an earlier record of b-4' }, moved],
    'e.jsonl': documents(24, 20, 'e'),
  });
}
