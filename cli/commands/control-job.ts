import { type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { indexWorkflowId, miningWorkflowId, SIGNALS } from '../../core/workflow-api.js';
import type { CommandDefinition, CommandInput } from '../define-command.js';
import { findJob, jobName } from '../job/find-job.js';
import { jobCancelling } from '../job/job-cancelling.js';
import { isCancelling } from '../job/observe-job.js';
import { withJobs } from '../job/with-jobs.js';

export const pauseCommand = jobControl({
  verb: 'pause',
  said: 'is pausing: the parts in hand are finished first',
  act: (handle) => handle.signal(SIGNALS.pause),
});

export const resumeCommand = jobControl({
  verb: 'resume',
  said: 'goes on',
  act: (handle) => handle.signal(SIGNALS.resume),
});

export const cancelCommand = jobControl({
  verb: 'cancel',
  said: 'is being cancelled: the parts in hand are finished first',
  options: [
    {
      flags: '--triplets <name>',
      description: "end the mining of these triplets of a version, and not the version's job",
    },
    {
      flags: '--index <name>',
      description: "end the building of this index of a version, and not the version's job",
    },
  ],
  example: 'vectormill cancel handbook@2026-11 --triplets triplets',
  act: (handle) => handle.cancel(),
});

interface JobControl extends Pick<CommandDefinition, 'options'> {
  verb: string;
  said: string;
  /** A further example. */
  example?: string;
  act(handle: WorkflowHandle): Promise<unknown>;
}

function jobControl({ verb, said, act, options = [], example }: JobControl): CommandDefinition {
  const examples = [`vectormill ${verb} handbook`, `vectormill ${verb} handbook@2026-11 --json`];
  return {
    options,
    examples: example ? [...examples, example] : examples,
    async run({ arguments: [name = ''], options: given, json }) {
      const derived = derivedWork(name, given);
      return withJobs(async (client) => {
        const handle = derived ? client.workflow.getHandle(derived.id) : await findJob(client, name);
        const job = derived?.job ?? jobName(handle.workflowId);
        try {
          // A workflow that has ended also accepts a request to cancel, so its state is checked.
          const description = await handle.describe();
          if (description.status.name !== 'RUNNING') throw hasEnded(job);
          if (isCancelling(description)) throw jobCancelling(job);
          await act(handle);
        } catch (error) {
          throw error instanceof WorkflowNotFoundError ? hasEnded(job, error) : error;
        }
        console.log(json ? JSON.stringify({ job, requested: verb }) : `${job} ${said}.`);
        return 0;
      });
    },
  };
}

/**
 * Returns the workflow that makes something from a version, where the options name one. Errors:
 * USAGE.
 */
function derivedWork(
  name: string,
  { triplets, index }: CommandInput['options'],
): { id: string; job: string } | undefined {
  const chosen = triplets ?? index;
  if (chosen === undefined) return undefined;
  const [dataset = '', version = ''] = name.split('@');
  if (version === '' || (triplets !== undefined && index !== undefined))
    throw new VectormillError('USAGE', `${name} with these options names no single piece of work`, {
      component: 'cli',
      remedy: 'Give dataset@version, and one of --triplets and --index.',
    });
  const own = String(chosen);
  return triplets === undefined
    ? { id: indexWorkflowId({ location: { dataset, version }, name: own }), job: `${name}, index ${own}` }
    : { id: miningWorkflowId({ dataset, version, name: own }), job: `${name}, triplets ${own}` };
}

function hasEnded(job: string, cause?: unknown): VectormillError {
  return new VectormillError('JOB_NOT_FOUND', `${job} does not run`, {
    component: 'cli',
    cause,
    remedy:
      '`vectormill status`, `index list` and `list` say what there is; the command that began it goes on with what is not complete.',
  });
}
