import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowId } from '../../core/workflow-api.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import {
  hasPseudoTerminal,
  onTerminal,
  type TerminalOutcome,
  type TerminalStep,
  vectormillCommand,
} from '../support/pseudo-terminal.js';
import { type TestNamespace, testNamespace } from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';

const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';
/** Every line of live progress contains this character. */
const PROGRESS = '·';

const folder = useTemporaryFolder();
let namespace: TestNamespace;
let job: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  namespace = await testNamespace();
  environment = { TEMPORAL_NAMESPACE: namespace.namespace };
  await writeTinyModel(join(folder.path, 'model'));
  writeCorpus(folder.path, { 'corpus.jsonl': [{ _id: '1', text: 'a b c' }] });
  job = join(folder.path, 'job.yaml');
  writeFileSync(job, 'dataset: letters\nversion: v1\ninput: corpus\noutput: ./out\nmodel: ./model\n');
});
afterAll(() => namespace?.close());

function run(...steps: TerminalStep[]): Promise<TerminalOutcome> {
  return onTerminal(vectormillCommand('run', job), steps, { environment });
}

async function jobRuns(): Promise<boolean> {
  const handle = namespace.client.workflow.getHandle(workflowId({ dataset: 'letters', version: 'v1' }));
  return (await handle.describe()).status.name === 'RUNNING';
}

const DETACHED = /Detached; letters@v1 goes on\. `vectormill status letters@v1` shows it/;

// No worker serves the namespace, so a job waits until the command is asked to stop watching.
describe.skipIf(!hasPseudoTerminal)('on a pseudo-terminal, which needs python3,', () => {
  test('`run` leaves its job running and says so, at Ctrl-C, SIGTERM and the end of the terminal', async () => {
    const interrupted = await run({ until: PROGRESS, type: CTRL_C });
    expect(interrupted.text).toMatch(DETACHED);
    expect(interrupted.code).toBe(0);
    const [ended, left] = await Promise.all([
      run({ until: PROGRESS, signal: 'SIGTERM' }),
      run({ until: PROGRESS, hangUp: true }),
    ]);
    expect(ended.text).toMatch(DETACHED);
    expect(ended.code).toBe(143);
    // This is not SIGABRT, with which Node ends where its terminal is gone.
    expect(left).toMatchObject({ code: null, signal: 'SIGHUP' });
    expect(await jobRuns()).toBe(true);
    for (const { output } of [interrupted, ended, left]) expect(output).not.toContain('\u001b[?25l');
  });

  test('`run` can be put into the background of a shell and be brought back', async () => {
    const line = vectormillCommand('run', job).map((word) => `'${word}'`);
    const { text } = await onTerminal(
      ['bash', '--norc', '--noprofile', '-i'],
      [
        { until: '[$#] $', type: `${line.join(' ')}\n` },
        { until: PROGRESS, type: CTRL_Z },
        { until: 'Stopped', type: 'fg\n' },
        { until: PROGRESS, type: CTRL_C },
        { until: 'Detached', type: 'echo "ended with $?"\n' },
        { until: 'ended with [0-9]', type: 'exit\n' },
      ],
      { environment },
    );
    expect(text).toMatch(DETACHED);
    expect(text).toContain('ended with 0');
    expect(await jobRuns()).toBe(true);
  });

  test('a worker ends in an orderly way at Ctrl-C and at the end of its terminal', async () => {
    const worker = (...steps: TerminalStep[]) =>
      onTerminal(vectormillCommand('worker', '--queues', 'rescore-cpu'), steps, { environment });
    const [interrupted, left] = await Promise.all([
      worker({ until: 'worker.started', type: CTRL_C }),
      worker({ until: 'worker.started', hangUp: true }),
    ]);
    expect(interrupted.text).toContain('worker.stopped');
    expect(interrupted.code).toBe(0);
    expect(left).toMatchObject({ code: null, signal: 'SIGHUP' });
  });

  test('work that is slow to stop is ended by a second Ctrl-C', async () => {
    const { code, signal, text } = await onTerminal(
      [process.execPath, '--input-type=module', '-e', SLOW_WORK],
      [
        { until: 'working', type: CTRL_C },
        { until: 'stopping', type: CTRL_C },
      ],
    );
    expect(text).toContain('stopping');
    expect(text).not.toContain('done');
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
  });
});

/** Work that is slow to stop, under `interruptible`, with a line of progress beside it. */
const SLOW_WORK = `
import { interruptible } from './dist/cli/interruptible.js';
import { liveLine } from './dist/cli/live-line.js';
await interruptible(async ({ signal }) => {
  liveLine().start('working');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  console.log('stopping');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  console.log('done');
});
`;
