import type { Client } from '@temporalio/client';

/**
 * Returns everything that a server has stored of a namespace and shows whoever may look: each event
 * of each run, each description, with memos and heartbeats, and each schedule. Bytes are read as
 * Latin-1.
 */
export async function storedByTemporal({
  workflow,
  schedule,
  workflowService,
  options,
}: Client): Promise<string> {
  const { namespace } = options;
  const found: unknown[] = [];
  for await (const { raw, workflowId, runId } of workflow.list()) {
    const handle = workflow.getHandle(workflowId, runId);
    const execution = { workflowId, runId };
    found.push(raw, await workflowService.describeWorkflowExecution({ namespace, execution }));
    found.push(await handle.fetchHistory());
  }
  for await (const { scheduleId } of schedule.list())
    found.push(await workflowService.describeSchedule({ namespace, scheduleId }));
  found.push(await workflowService.listSchedules({ namespace }));
  return found.map(textIn).join('\n');
}

/** Writes the names and values in an answer of the server, as text. */
export function textIn(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${textIn(inner)}`)
    .join('\n');
}
