import { mkdirSync, writeFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const FOLDER = new URL('../fixtures/histories/', import.meta.url);

/** A workflow and its run. Without `run`, it is the last run. */
export interface RecordedRun {
  id: string;
  run?: string;
}

/** Writes the histories of workflows for the replay test, by the names of the fixtures. */
export async function saveHistories(
  client: Client,
  workflows: Readonly<Record<string, RecordedRun>>,
): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, { id, run }] of Object.entries(workflows)) {
    const history = await client.workflow.getHandle(id, run).fetchHistory();
    const recorded = { workflowId: id, history: JSON.parse(historyToJSON(history)) };
    // A stack names folders of the machine that recorded it, and no replay reads it.
    const text = JSON.stringify(recorded, (key, value) => (key === 'stackTrace' ? '' : value), 1);
    writeFileSync(new URL(`${name}.json`, FOLDER), `${text}\n`);
  }
}
