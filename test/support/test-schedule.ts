import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { testJob } from './test-job.js';

/**
 * Returns a schedule over the corpus in `folder`, without mining and index. `jobMore` is that of
 * `testJob`.
 */
export function testSchedule(folder: string, jobMore: Record<string, unknown> = {}): ScheduleRecord {
  const { parent: _, spec, ...others } = testJob(folder, jobMore);
  const { version: __, ...template } = spec;
  return {
    formatVersion: 1,
    name: 'nightly',
    timing: { cron: ['0 2 * * *'], timezone: 'UTC', catchupWindowMs: 3_600_000, jitterMs: 0 },
    job: { ...others, spec: template },
    mine: null,
    index: null,
  };
}
