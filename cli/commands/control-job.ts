import { type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { SIGNALS } from '../../core/workflow-api.js';
import type { CommandDefinition } from '../define-command.js';
import { withTemporal } from '../job/connect.js';
import { findJob, jobName } from '../job/find-job.js';

export const pauseCommand = jobControl({
  verb: 'pause',
  summary: 'Let the parts in hand finish and start no more until `resume`.',
  said: 'is pausing: the parts in hand are finished first',
  act: (handle) => handle.signal(SIGNALS.pause),
});

export const resumeCommand = jobControl({
  verb: 'resume',
  summary: 'Go on with a paused job. (A failed or cancelled one goes on with `run`.)',
  said: 'goes on',
  act: (handle) => handle.signal(SIGNALS.resume),
});

export const cancelCommand = jobControl({
  verb: 'cancel',
  summary: 'End a job; finished parts are kept, and `run` goes on from them.',
  said: 'is being cancelled: the parts in hand are finished first',
  act: (handle) => handle.cancel(),
});

interface JobControl {
  verb: string;
  summary: string;
  said: string;
  act(handle: WorkflowHandle): Promise<unknown>;
}

function jobControl({ verb, summary, said, act }: JobControl): CommandDefinition {
  return {
    usage: `${verb} <dataset[@version]>`,
    summary,
    examples: [`vectormill ${verb} handbook`, `vectormill ${verb} handbook@2026-11 --json`],
    async run({ arguments: [name = ''], json }) {
      return withTemporal(async (client) => {
        const handle = await findJob(client, name);
        const job = jobName(handle.workflowId);
        await act(handle).catch((error: unknown) => {
          throw error instanceof WorkflowNotFoundError ? hasEnded(job, error) : error;
        });
        console.log(json ? JSON.stringify({ job, requested: verb }) : `${job} ${said}.`);
        return 0;
      });
    },
  };
}

function hasEnded(job: string, cause: unknown): VectormillError {
  return new VectormillError('JOB_NOT_FOUND', `${job} does not run any more`, {
    component: 'cli',
    cause,
    remedy: `\`vectormill status ${job}\` says how it ended; \`vectormill run\` goes on with what is not complete.`,
  });
}
