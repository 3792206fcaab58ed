import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { ActivityPosition } from '../../core/progress.js';
import { decodePayload } from './decode-payload.js';

/**
 * Returns the positions of a workflow's running activities, as they reported them with their last
 * heartbeat. Errors: PAYLOAD_UNREADABLE.
 */
export async function activityPositions(
  client: Client,
  description: WorkflowExecutionDescription,
): Promise<ActivityPosition[]> {
  const found = await Promise.all(
    (description.raw.pendingActivities ?? []).map(({ heartbeatDetails }) =>
      decodePayload<ActivityPosition>(client, heartbeatDetails?.payloads?.[0]),
    ),
  );
  // An activity that has just begun sends heartbeats without a position.
  return found.filter((position) => position !== undefined);
}
