import { parseByteCount } from '../../core/byte-count.js';
import { VectormillError } from '../../core/errors.js';
import type { IndexRequest } from '../../core/index/choose-parameters.js';
import type { MiningSpec } from '../../core/mining/mining-spec.js';
import type { NightlyIndex, ScheduleTiming } from '../../core/schedule/schedule-record.js';
import { parseTimeSpan } from '../../core/time-span.js';
import { describeIssues } from '../job/describe-issues.js';
import type { JobDraft } from '../job/job-schema.js';
import { absolutePath, JOB_FILE, readJob } from '../job/parse-job.js';
import { readMiningJob } from '../job/parse-mining-job.js';
import { type FileKind, readMapping } from '../job/read-yaml.js';
import { nightlyJobSchema, type ScheduleSettings, scheduleSchema } from './schedule-schema.js';

/** The schedule file, as messages describe it. */
export const SCHEDULE_FILE: FileKind = {
  component: 'schedule',
  name: 'the schedule file',
  least: '`name`, `cron` and `job`',
  page: 'docs/schedule-file.md',
};

/** A schedule file before its models are examined. All paths are absolute. */
export interface ScheduleDraft {
  name: string;
  timing: ScheduleTiming;
  job: JobDraft;
  /** The file that holds the job. */
  jobFile: string;
  /** The mining job, with a version that stands for every night's. */
  mine: MiningSpec | null;
  index: IndexDraft | null;
  fullEvery: number | undefined;
}

/** An index whose metric may be left to the model. */
export interface IndexDraft extends Omit<NightlyIndex, 'request'> {
  request: Omit<IndexRequest, 'metric'> & Partial<Pick<IndexRequest, 'metric'>>;
}

/**
 * Parses the text of a schedule file as a draft. `readText` gets the job file, if one is named.
 * Errors: JOB_INVALID naming every offending field; those of `readText`.
 */
export async function parseSchedule(
  text: string,
  file: string,
  readText: (file: string) => Promise<string>,
): Promise<ScheduleDraft> {
  const values = readMapping(text, file, SCHEDULE_FILE);
  const settings = checked(file, values, scheduleSchema.safeParse(values));
  const { job: ownJob, mine } = values as { job?: unknown; mine?: object };
  const jobFile = typeof ownJob === 'string' ? absolutePath(asPath(ownJob), file) : file;
  const job = jobFile === file ? readJob(ownJob, file) : await readJobAt(jobFile, readText);
  const { dataset, output } = job;
  return {
    name: settings.name,
    timing: {
      cron: settings.cron,
      timezone: settings.timezone,
      catchupWindowMs: parseTimeSpan(settings.catchup_window)!,
      jitterMs: parseTimeSpan(settings.jitter)!,
    },
    job,
    jobFile,
    mine: mine ? readMiningJob({ ...mine, dataset, output }, file) : null,
    index: settings.index ? indexOf(settings.index) : null,
    fullEvery: settings.full_every,
  };
}

async function readJobAt(file: string, readText: (file: string) => Promise<string>): Promise<JobDraft> {
  const values = readMapping(await readText(file), file, JOB_FILE);
  checked(file, values, nightlyJobSchema.safeParse(values));
  return readJob(values, file);
}

/**
 * Makes a path of a file's name. A file is looked for beside the one that names it, even without a
 * leading `./`.
 */
function asPath(name: string): string {
  return name.startsWith('/') ? name : `./${name}`;
}

function indexOf(settings: NonNullable<ScheduleSettings['index']>): IndexDraft {
  const { name, metric, recall, precision, memory, m, ef_construction, shard_rows, exact_below } = settings;
  return {
    name,
    request: {
      ...(metric && { metric }),
      recallTarget: recall,
      ...(precision && { precision }),
      ...(memory && { memoryBytes: parseByteCount(memory) }),
      ...(m !== undefined && { connectivity: m }),
      ...(ef_construction !== undefined && { expansionAdd: ef_construction }),
      ...(shard_rows !== undefined && { shardRows: shard_rows }),
      ...(exact_below !== undefined && { exactBelow: exact_below }),
    },
  };
}

/** Returns the parsed values. Errors: JOB_INVALID. */
function checked<T>(
  file: string,
  values: unknown,
  parsed:
    | { success: true; data: T }
    | { success: false; error: { issues: Parameters<typeof describeIssues>[0] } },
): T {
  if (parsed.success) return parsed.data;
  throw new VectormillError('JOB_INVALID', `${file}: ${describeIssues(parsed.error.issues, values)}`, {
    component: 'schedule',
    file,
    remedy:
      'Mend the file; docs/schedule-file.md lists every key. A schedule names the version of each night itself.',
  });
}
