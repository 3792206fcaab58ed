import { setTimeout } from 'node:timers/promises';
import { nightVersion } from '../../core/schedule/night.js';
import { type NightRequest, withNightRequest } from '../../core/schedule/night-request.js';
import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { type ChosenNight, chooseNight } from '../../engine/schedule/choose-night.js';
import { storeCache } from '../../engine/store/store-cache.js';
import type { CommandDefinition } from '../define-command.js';
import { type Executor, executorOf, executorOptions, orLocally } from '../executor-options.js';
import { checkTemporal } from '../job/connect.js';
import { printDetached } from '../job/detach.js';
import { printPaused } from '../job/pause.js';
import { nightOnWorkers } from '../night/night-on-workers.js';
import { nightOptions, nightOptionsOf, wordsOfNightRequest } from '../night/night-options.js';
import { runNightHere } from '../night/run-night-here.js';
import { pastTime } from '../option-values.js';
import { isUnfinished } from '../schedule/continue-night.js';
import type { NightObservation } from '../schedule/observe-night.js';
import { readSchedule } from '../schedule/schedule-file.js';
import { nightLines } from '../schedule/schedule-lines.js';
import { temporalSettings } from '../temporal/temporal-settings.js';
import { typedCommand } from '../typed-command.js';

export const nightCommand: CommandDefinition = {
  examples: [
    'vectormill night nightly.yaml',
    'vectormill night nightly.yaml --local --at now',
    'vectormill night nightly.yaml --temporal --json',
    'vectormill night nightly.yaml --allow-deletes 2000',
  ],
  options: [
    {
      flags: '--at <time>',
      description:
        "the night's time, such as 2026-11-21T02:00:00Z, or `now`; it names the version (default: that of the latest night if it is unfinished, or else now)",
      parse: pastTime,
    },
    ...nightOptions,
    ...executorOptions('local', { queues: 'control and those of the steps' }),
  ],
  async run({ arguments: [file = ''], options, json }) {
    const executor = executorOf(options, 'local');
    const stores = storeCache();
    try {
      // Wrong settings are refused before the models are looked at, which takes longer.
      if (executor === 'temporal') temporalSettings();
      const prepared = await readSchedule(file, stores.open, async () => {
        if (executor === 'temporal') await orLocally(checkTemporal);
      });
      const asked = nightOptionsOf(options);
      const record = withNightRequest(prepared.record, asked);
      const at = options.at as number | 'now' | undefined;
      const chosen = await chooseNight(stores.open, record, { at, now: Date.now() });
      const notes = [...prepared.notes, ...notesOn(record, chosen)];
      for (const note of json ? [] : notes) console.error(`note: ${note}`);
      // A night of a second to come could not be named by --at until then.
      await setTimeout(Math.max(0, chosen.scheduledAt - Date.now()));
      const again = typedCommand(wordsOf(file, executor, chosen, asked));
      const names = { name: nameOf(record, chosen), json: { schedule: record.name } };
      const end =
        executor === 'local'
          ? await runNightHere(record, chosen.scheduledAt, stores.open, { json, listing: prepared.listing })
          : await nightOnWorkers(record, chosen.scheduledAt, json);
      if (end.kind === 'paused') return printPaused({ ...names, again }, end, json);
      if (end.kind === 'detached')
        return printDetached({ ...names, next: `\`${again}\` attaches to it again.` }, end.by, json);
      const night = end.kind === 'done' ? end.value : end.night;
      if (json) {
        const also = end.kind === 'done' ? { alsoOnTemporal: end.alsoOnTemporal } : {};
        const { isBegun: continued } = chosen;
        console.log(JSON.stringify({ schedule: record.name, continued, notes, night, ...also }));
      } else {
        const next = typedCommand(wordsOf(file, executor, chosen, askedAgain(asked, night)));
        const advice = `\`${next}\` goes on with this night; with \`--at now\` another one begins.`;
        const lines = nightLines(record.job.spec, night, 'the night');
        console.log([...lines, ...(isUnfinished(night) ? [advice] : [])].join('\n'));
      }
      return isUnfinished(night) ? 1 : 0;
    } finally {
      await stores.close();
    }
  },
};

function nameOf({ name, job }: ScheduleRecord, { scheduledAt }: ChosenNight): string {
  return `the night ${job.spec.dataset}@${nightVersion(name, scheduledAt)}`;
}

/** A number of deletions that was too low is not worth another try. */
function askedAgain({ allowDeletes, ...others }: NightRequest, { failure }: NightObservation): NightRequest {
  return failure?.code === 'DELETES_EXCEEDED' ? others : { allowDeletes, ...others };
}

/** Returns the words of the command that runs the same night again. */
function wordsOf(
  file: string,
  executor: Executor,
  { scheduledAt }: ChosenNight,
  asked: NightRequest,
): string[] {
  const time = new Date(scheduledAt).toISOString().replace('.000', '');
  return ['night', file, `--${executor}`, '--at', time, ...wordsOfNightRequest(asked)];
}

function notesOn({ name }: ScheduleRecord, { scheduledAt, isBegun, left }: ChosenNight): string[] {
  const version = nightVersion(name, scheduledAt);
  return [
    ...(isBegun ? [`${version} was begun earlier, and goes on; --at now begins another night`] : []),
    ...(left ? [`the unfinished night ${left.version} is left as it is: ${left.why}`] : []),
  ];
}
