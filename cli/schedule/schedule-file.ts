import { VectormillError } from '../../core/errors.js';
import { NAME_PATTERN } from '../../core/name.js';
import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { readMapping } from '../../engine/job/read-yaml.js';
import { SCHEDULE_FILE } from '../../engine/schedule/parse-schedule.js';
import { type PreparedSchedule, prepareSchedule } from '../../engine/schedule/prepare-schedule.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { readJobFile } from '../job/read-job-file.js';

/** Reads a schedule file, or a job file that it names. Errors: JOB_UNREADABLE. */
function readText(file: string): Promise<string> {
  return readJobFile(file, 'docs/recipes/nightly-index.md');
}

/**
 * Returns the schedule of a file, whose nights may start. `beforeWriting` is called with it before
 * the store is tried. Errors: JOB_UNREADABLE; those of `prepareSchedule`.
 */
export async function readSchedule(
  file: string,
  openStore: StoreOpener,
  beforeWriting?: (record: ScheduleRecord) => Promise<void>,
): Promise<PreparedSchedule> {
  return prepareSchedule(file, await readText(file), { openStore, readText, beforeWriting });
}

/**
 * Returns the name that an argument stands for: the argument itself, or the `name` in the schedule
 * file that it names. Errors: JOB_UNREADABLE, JOB_INVALID.
 */
export async function scheduleNameOf(argument: string): Promise<string> {
  if (!/\.(ya?ml|json)$|\//i.test(argument)) return argument;
  const { name } = readMapping(await readText(argument), argument, SCHEDULE_FILE);
  if (typeof name === 'string' && NAME_PATTERN.test(name)) return name;
  throw new VectormillError('JOB_INVALID', `${argument}: \`name\` names no schedule`, {
    component: 'cli',
    file: argument,
    remedy: 'Mend the file; docs/schedule-file.md lists every key.',
  });
}
