import type { WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityPosition } from '../../core/progress.js';

/**
 * Where the activities of a workflow are that have not ended, as they said with their last beat.
 */
export function activityPositions(description: WorkflowExecutionDescription): ActivityPosition[] {
  return (description.raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) => {
    const payload = heartbeatDetails?.payloads?.[0];
    // An activity that has just begun beats without a position.
    const position = payload && defaultPayloadConverter.fromPayload<ActivityPosition | undefined>(payload);
    return position ? [position] : [];
  });
}
