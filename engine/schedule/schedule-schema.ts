import { z } from 'zod';
import { parseByteCount } from '../../core/byte-count.js';
import { INDEX_METRICS, INDEX_PRECISIONS } from '../../core/index/index-options.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';
import { MAX_SCHEDULE_NAME_LENGTH } from '../../core/schedule/night.js';
import { jobSchema } from '../job/job-schema.js';
import { miningSchema } from '../job/mining-schema.js';
import { timeSpanSchema } from '../job/time-span-schema.js';

/** The server accepts no shorter window. */
const MIN_CATCHUP_MS = 10_000;

const name = z
  .string('must be a text; YAML takes 2026.11 for a number unless it is in quotes')
  .regex(NAME_PATTERN, `must be ${NAME_RULE}`);

const CRON =
  /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|@every \S+|(?!\S*=)\S+(\s+\S+){4,6})$/;

const cron = z
  .string()
  .refine(
    (text) => CRON.test(text),
    'must be a cron expression: minute, hour, day of month, month, day of week; `timezone` is a key of its own',
  );

const index = z.strictObject({
  name: name.default('main').describe('the name of the index'),
  metric: z
    .enum(INDEX_METRICS)
    .optional()
    .describe("how nearness is measured; by default as the job's model compares, mostly cosine"),
  recall: z
    .number()
    .gt(0)
    .max(1)
    .default(0.95)
    .describe('least recall@10 against exact search; below it the night fails, and the ref stays'),
  precision: z
    .enum(INDEX_PRECISIONS)
    .optional()
    .describe('how graphs keep vectors; chosen from size, metric and memory by default'),
  memory: z
    .string('must be a text such as 4GB')
    .refine((text) => parseByteCount(text) !== undefined, 'must be a size such as 800MB or 4GB')
    .optional()
    .describe('what all graphs may take in memory, such as 4GB; no limit by default'),
  m: z.int().min(2).max(256).optional().describe('neighbours that a row is joined to'),
  ef_construction: z.int().min(4).max(4096).optional().describe('candidates kept while a row is added'),
  shard_rows: z.int().min(1).max(100_000_000).optional().describe('rows that one graph has, approximately'),
  exact_below: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .describe('versions of fewer rows are searched exactly, without a graph'),
});

/** The job of a schedule, in which each night names its own version. */
export const nightlyJobSchema = jobSchema.omit({ version: true });

/** A schedule file. */
export const scheduleSchema = z.strictObject({
  name: name
    .max(MAX_SCHEDULE_NAME_LENGTH)
    .describe(
      `name of the schedule, and how its versions' names begin; ${MAX_SCHEDULE_NAME_LENGTH} characters at most`,
    ),
  cron: z
    .union([cron.transform((one) => [one]), z.array(cron).min(1)])
    .describe('when a night begins: a cron expression, or several'),
  timezone: z
    .string()
    .refine(isTimezone, 'must be a time zone such as UTC or Europe/Berlin')
    .default('UTC')
    .describe(
      'the zone in which the expressions are read; there is one night a day even [when its clocks change](#when-the-clocks-change)',
    ),
  catchup_window: timeSpanSchema(MIN_CATCHUP_MS)
    .default('6h')
    .describe('how long after its time a night still begins that was missed because Temporal was down'),
  jitter: timeSpanSchema(0)
    .default('0s')
    .describe('a night begins up to this long after its time, at random'),
  job: z
    .union([z.string().min(1), nightlyJobSchema])
    .describe(
      'what is embedded: a [job](job-spec.md) without `version`, or the path of its file; its `ref` moves when all steps have succeeded',
    ),
  mine: miningSchema
    .omit({ dataset: true, version: true, output: true, candidates: true, models: true })
    .optional()
    .describe(
      'which triplets are mined: a [mining job](mining-job.md) without `dataset`, `version`, `output`, `models` and `candidates`, since the index is built after it; without this key, none are',
    ),
  full_every: z
    .int()
    .min(1)
    .optional()
    .describe(
      'with a number N, every N-th version is made by reading and chunking all documents again, and no rows are carried over; vectors of equal texts still are; by default no version is',
    ),
  index: index.optional().describe('which index is built; without this key, none is'),
});

export type ScheduleSettings = z.output<typeof scheduleSchema>;

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) !== undefined;
  } catch {
    return false;
  }
}
