import type { Client, ScheduleHandle } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { openWishes } from '../../core/schedule/night-request.js';
import { scheduleId } from '../../core/workflow-api.js';
import { changedNights } from '../../engine/schedule/changed-nights.js';
import { storeCache } from '../../engine/store/store-cache.js';
import type { CommandGroup, CommandInput, GroupedCommand } from '../define-command.js';
import { interruptible } from '../interruptible.js';
import { assertLetIn, withTemporal } from '../job/connect.js';
import { printDetached } from '../job/detach.js';
import { allowDeletesOption, nightOptions, nightOptionsOf } from '../night/night-options.js';
import { changedNightNotes } from '../schedule/changed-night-notes.js';
import { isUnfinished, rangeOf, type TimeRange } from '../schedule/continue-night.js';
import { askOfNights, assertNotOther, type Creation, createSchedule } from '../schedule/create-schedule.js';
import { type ExistingSchedule, findSchedule, lookUpSchedule } from '../schedule/find-schedule.js';
import {
  observeAllSchedules,
  observeSchedule,
  type ScheduleObservation,
  type UnreadableSchedule,
} from '../schedule/observe-schedule.js';
import { resumeSchedule } from '../schedule/resume-schedule.js';
import { readSchedule } from '../schedule/schedule-file.js';
import { nightChanges, nightLines } from '../schedule/schedule-lines.js';
import { triggerNight } from '../schedule/trigger-night.js';
import { triggerAndWatch } from '../schedule/watch-night.js';
import { temporalSettings } from '../temporal/temporal-settings.js';

const create: GroupedCommand = {
  usage: 'create <schedule.yaml>',
  summary:
    'Let Temporal embed, mine and index a dataset every night. What would stop every night is refused at once.',
  examples: [
    'vectormill schedule create nightly.yaml',
    'vectormill schedule create nightly.yaml --replace --json',
  ],
  options: [
    {
      flags: '--replace',
      description: 'change a schedule that stands, from its next night on; its history and its pause stay',
    },
  ],
  async run({ arguments: [file = ''], options, json }) {
    const stores = storeCache();
    try {
      // Wrong settings are refused before the models are looked at, which takes longer.
      temporalSettings();
      const replace = options.replace === true;
      const prepared = await readSchedule(file, stores.open, (own) =>
        withTemporal(async (client) => {
          await assertLetIn(client);
          if (!replace) await assertNotOther(client, own);
        }),
      );
      const { record } = prepared;
      const changed = changedNights(record.timing, Date.now());
      const notes = [...prepared.notes, ...changedNightNotes(record.timing, changed)];
      return await withTemporal(async (client) => {
        const how = await createSchedule(client, record, { changed, replace });
        const existing = await lookUpSchedule(client, record.name);
        const next = existing?.description.info.nextActionTimes[0]?.toISOString() ?? null;
        const paused = existing?.description.state.paused === true;
        if (json) console.log(JSON.stringify({ schedule: record.name, [how]: true, next, paused, notes }));
        else console.log(createdLines(record.name, { how, next, paused, notes }).join('\n'));
        return 0;
      });
    } finally {
      await stores.close();
    }
  },
};

const list: GroupedCommand = {
  usage: 'list',
  summary: 'List the schedules, with the next night of each and how the last one ended.',
  examples: ['vectormill schedule list', 'vectormill schedule list --json'],
  async run({ json }) {
    return withTemporal(async (client) => {
      const schedules = await observeAllSchedules(client);
      if (json) console.log(JSON.stringify(schedules));
      else if (schedules.length === 0)
        console.log('No schedules yet; `vectormill schedule create nightly.yaml` makes one.');
      else for (const schedule of schedules) console.log(listLine(schedule));
      return 0;
    });
  },
};

const pause = control({
  verb: 'pause',
  summary: 'Let no further night begin until `resume`. A night that is running continues.',
  async act({ handle }) {
    await handle.pause('paused with `vectormill schedule pause`');
    return 'is paused; a night that runs goes on';
  },
});

const resume = control({
  verb: 'resume',
  summary:
    'Let nights begin again, even after one has failed. The next night makes a version of its own, unless --continue is given.',
  options: [
    {
      flags: '--continue',
      description:
        'go on with the last night, which failed: under its own version, with what it has finished',
    },
    allowDeletesOption,
  ],
  example: '--continue --allow-deletes 2000',
  async act({ handle, client, existing, name, options }) {
    const asked = nightOptionsOf(options);
    if (asked.allowDeletes !== undefined && options.continue !== true) throw notContinued();
    const observed = await observeSchedule(client, existing);
    const going = options.continue === true ? nightToContinue(observed) : undefined;
    if (going && asked.allowDeletes !== undefined)
      await askOfNights(client, existing.record, [
        ...openWishes(existing.wishes, existing.begun),
        { ...asked, from: going.start.getTime(), to: going.end.getTime() },
      ]);
    await resumeSchedule(handle, observed.last);
    if (!going) return `goes on; \`vectormill status ${name}\` shows when`;
    await handle.backfill({ ...going, overlap: 'BUFFER_ONE' });
    return `goes on with its last night; \`vectormill status ${name}\` shows it`;
  },
});

const trigger = control({
  verb: 'trigger',
  summary:
    'Begin a night now, with a version of its own, or as soon as the running night has ended. With --wait, Ctrl-C detaches.',
  options: [
    {
      flags: '--wait',
      description: 'show how far the night is until it ends; exits with 1 where it fails or is cancelled',
    },
    ...nightOptions,
  ],
  example: '--wait',
  async act({ handle, client, existing, name, options, json }) {
    const trigger = () => triggerNight(client, name, nightOptionsOf(options));
    if (options.wait !== true) {
      await trigger();
      return `begins a night; \`vectormill status ${name}\` shows it`;
    }
    const end = await interruptible((interruption) =>
      triggerAndWatch(client, handle, trigger, { interruption, json }),
    );
    const said = { schedule: name, requested: 'trigger' };
    if (end.kind === 'detached')
      return printDetached(
        {
          name: `the night of ${name}`,
          json: said,
          next: `\`vectormill status ${name}\` shows it, \`vectormill schedule cancel ${name}\` ends it.`,
        },
        end.by,
        json,
      );
    if (json) console.log(JSON.stringify({ ...said, night: end.night }));
    else console.log(nightLines(existing.record.job.spec, end.night, 'the night').join('\n'));
    return isUnfinished(end.night) ? 1 : 0;
  },
});

const cancel = control({
  verb: 'cancel',
  summary:
    'End the night that is running. `resume --continue` continues it; otherwise the schedule continues with the next night.',
  async act({ handle, client, name }) {
    const running = (await handle.describe()).info.runningActions.at(-1);
    if (!running)
      throw new VectormillError('JOB_NOT_FOUND', `no night of ${name} runs`, {
        component: 'cli',
        remedy: `\`vectormill status ${name}\` says what the last one did.`,
      });
    await client.workflow.getHandle(running.workflow.workflowId).cancel();
    return `ends its night, after the parts in hand; \`vectormill status ${name}\` shows it`;
  },
});

const remove = control({
  verb: 'delete',
  summary: 'Delete a schedule. Its versions and its ref stay, and a night that is running continues.',
  async act({ handle }) {
    await handle.delete();
    return 'is deleted; its versions stay';
  },
});

export const scheduleCommands: CommandGroup = {
  commands: [create, list, pause, resume, trigger, cancel, remove],
};

function notContinued(): VectormillError {
  return new VectormillError(
    'USAGE',
    '--allow-deletes is for the night that goes on, and without --continue none does',
    {
      component: 'cli',
      remedy:
        'Give --continue, too. `vectormill schedule trigger` takes --allow-deletes for another night, and `vectormill night <schedule.yaml> --temporal` goes on with one that was triggered.',
    },
  );
}

/** Errors: USAGE where the last night needs nothing, or cannot be begun again. */
function nightToContinue({ schedule: name, last, timing, canContinue }: ScheduleObservation): TimeRange {
  if (last && canContinue) return rangeOf(last, timing);
  const why = !last
    ? `${name} has had no night yet`
    : isUnfinished(last)
      ? `the last night of ${name} was triggered by hand, or its time is not one of the schedule's any more`
      : `the last night of ${name} is ${last.state}`;
  throw new VectormillError('USAGE', why, {
    component: 'cli',
    remedy: 'Leave out --continue; `vectormill schedule trigger` begins another night.',
  });
}

interface ScheduleControl extends Pick<GroupedCommand, 'summary' | 'options'> {
  verb: string;
  /** An option for the first example. */
  example?: string;
  /** Returns what to say about the schedule, or the exit code where everything has been said. */
  act(given: {
    handle: ScheduleHandle;
    client: Client;
    existing: ExistingSchedule;
    name: string;
    options: CommandInput['options'];
    json: boolean;
  }): Promise<string | number>;
}

function control({ verb, summary, options = [], example, act }: ScheduleControl): GroupedCommand {
  const line = `vectormill schedule ${verb} nightly`;
  return {
    usage: `${verb} <schedule|schedule.yaml>`,
    summary,
    options,
    examples: [example ? `${line} ${example}` : line, `${line}.yaml --json`],
    async run({ arguments: [argument = ''], options: given, json }) {
      return withTemporal(async (client) => {
        const existing = await findSchedule(client, argument);
        const { name } = existing.record;
        const handle = client.schedule.getHandle(scheduleId(name));
        const said = await act({ handle, client, existing, name, options: given, json });
        if (typeof said === 'number') return said;
        if (json) console.log(JSON.stringify({ schedule: name, requested: verb }));
        else console.log(`${name} ${said}.`);
        return 0;
      });
    },
  };
}

function createdLines(
  name: string,
  {
    how,
    next,
    paused,
    notes,
  }: { how: Creation; next: string | null; paused: boolean; notes: readonly string[] },
): string[] {
  const when = paused ? 'it is paused' : `next night ${next ?? 'never: no further time is named'}`;
  const what = { created: 'is created', unchanged: 'stands already', replaced: 'is replaced' }[how];
  return [
    `${name} ${what}; ${when}. \`vectormill status ${name}\` shows what it does.`,
    ...notes.map((note) => `  note: ${note}`),
  ];
}

function listLine(observed: ScheduleObservation | UnreadableSchedule): string {
  if ('problem' in observed) return `${observed.schedule}  unreadable: ${observed.problem}`;
  const { schedule, dataset, paused, next, last } = observed;
  const changes = last && nightChanges(last);
  const ending = last
    ? `last ${last.scheduledAt} ${last.state}${changes ? `: ${changes}` : ''}`
    : 'no night yet';
  return `${schedule}  ${dataset}  ${paused ? 'paused' : `next ${next ?? '–'}`}  ${ending}`;
}
