/**
 * Records the history of a night that the replay test replays: `npx tsx
 * test/support/record-night-history.ts`, with a Temporal dev server at TEMPORAL_ADDRESS. Like
 * `record-history.ts`, run it only after a change that is meant to break running nights.
 */
import { Client, Connection } from '@temporalio/client';
import { createSchedule } from '../../cli/schedule/create-schedule.js';
import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { nightWorkflowId, scheduleId } from '../../core/workflow-api.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import { orchestrationWorker } from './orchestration.js';
import { saveHistories } from './save-histories.js';
import { testJob } from './test-job.js';

/** A time that the schedule names, so that the night is the same each time it is recorded. */
const NIGHT = new Date('2026-11-01T02:00:00Z');

const address = process.env.TEMPORAL_ADDRESS ?? 'localhost:7233';
const { parent: _, spec, ...others } = testJob('/corpora/recorded', { dataset: 'recorded' });
const { version: __, ...template } = spec;
const {
  output: ___,
  dataset: ____,
  version: _____,
  ...mining
} = parseMiningJob('dataset: recorded\noutput: ./out', '/corpora/recorded/mine.yaml');
const record: ScheduleRecord = {
  formatVersion: 1,
  name: 'recorded',
  timing: { cron: ['0 2 * * *'], timezone: 'UTC', catchupWindowMs: 21_600_000, jitterMs: 0 },
  job: { ...others, spec: template },
  mine: { spec: mining, crossEncoderFingerprint: null },
  index: { name: 'main', request: { metric: 'cosine', recallTarget: 0.95 } },
};

const connection = await Connection.connect({ address });
const client = new Client({ connection, identity: 'recorder' });
const worker = await orchestrationWorker({ address, namespace: 'default', identity: 'recorder' }, 2);
await createSchedule(client, record, { replace: false });
const handle = client.schedule.getHandle(scheduleId(record.name));
await handle.backfill({ start: NIGHT, end: NIGHT, overlap: 'BUFFER_ONE' });
const id = `${nightWorkflowId(record.name)}-${NIGHT.toISOString().replace('.000', '')}`;
const night = client.workflow.getHandle(id);
// The schedule takes a moment to start it.
while (!(await night.describe().catch(() => undefined))) await new Promise((wake) => setTimeout(wake, 50));
await night.result();
await saveHistories(client, { 'nightly-job': { id } });
await worker.stop();
await connection.close();
