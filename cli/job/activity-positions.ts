import type { WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityPosition } from '../../core/progress.js';

/**
 * Returns the positions of a workflow's running activities, as they reported them with their last
 * heartbeat.
 */
export function activityPositions(description: WorkflowExecutionDescription): ActivityPosition[] {
  return (description.raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) => {
    const payload = heartbeatDetails?.payloads?.[0];
    // An activity that has just begun sends heartbeats without a position.
    const position = payload && defaultPayloadConverter.fromPayload<ActivityPosition | undefined>(payload);
    return position ? [position] : [];
  });
}
