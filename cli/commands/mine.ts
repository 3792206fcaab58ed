import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { pinOfMining } from '../../core/retention/job-pins.js';
import { miningWorkflowId } from '../../core/workflow-api.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import type { MiningReport } from '../../engine/mining/mining-report.js';
import type { Mining, MiningTools } from '../../engine/mining/open-mining.js';
import { prepareMining } from '../../engine/mining/prepare-mining.js';
import { reportText } from '../../engine/mining/report-text.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { withPin } from '../../engine/version/with-pin.js';
import { mineLocally } from '../../local/mine.js';
import { thisProcess } from '../../local/this-process.js';
import type { CommandDefinition } from '../define-command.js';
import { executorOf, executorOptions, orLocally } from '../executor-options.js';
import { type DetachedWork, printDetached, type RemoteEnd, untilDetached } from '../job/detach.js';
import { type LocalEnd, type PausedWork, printPaused, untilPaused } from '../job/pause.js';
import { readJobFile } from '../job/read-job-file.js';
import { mineOnWorkers } from '../mine/mine-on-workers.js';
import { withMiningProgress } from '../mine/mining-progress.js';
import { miningTools } from '../mine/mining-tools.js';
import { nonEmpty, wholeNumber } from '../option-values.js';
import { sayRetry } from '../progress.js';
import { typedCommand } from '../typed-command.js';

export const mineCommand: CommandDefinition = {
  examples: [
    'vectormill mine mine.yaml',
    'vectormill mine mine.yaml --local --model ./my-model --json',
    'vectormill mine mine.yaml --temporal --concurrency 8',
  ],
  options: [
    {
      flags: '--model <name>',
      description: "query model, by name, path or .yaml file (default: the job's own; any other is refused)",
      parse: nonEmpty,
    },
    ...executorOptions('local', { queues: 'mine-cpu and rescore-cpu' }),
    {
      flags: '--concurrency <n>',
      description: 'with --temporal: shards of queries in flight',
      fallback: 4,
      parse: wholeNumber(1, 256),
    },
  ],
  async run({ words, arguments: [file = ''], options, json }) {
    const executor = executorOf(options, 'local');
    const startedAt = performance.now();
    const spec = parseMiningJob(await readJobFile(file, 'docs/mining-job.md'), file);
    const stores = storeCache();
    try {
      const { mining, record } = await prepareMining(spec, stores.open, file);
      const tools = miningTools(stores.open, record, options.model);
      const call = { tools, mining, record, json };
      const end = await (executor === 'local'
        ? mineHere(call)
        : mineThere(call, Number(options.concurrency))
      ).finally(() => tools.close());
      if (end.kind === 'paused') return printPaused(pausedMining(record, words), end, json);
      if (end.kind === 'detached') return printDetached(detachedMining(record), end.by, json);
      const { value: report, alsoOnTemporal } = end;
      const place = `${mining.store.root}/${mining.layout.prefix}`;
      const elapsedMs = Math.round(performance.now() - startedAt);
      if (json)
        console.log(JSON.stringify({ triplets: place, ...summaryOf(report), elapsedMs, alsoOnTemporal }));
      else console.log([...reportText(report), place].join('\n'));
      return 0;
    } finally {
      await stores.close();
    }
  },
};

interface MiningCall {
  tools: MiningTools;
  mining: Mining;
  record: MiningRecord;
  json: boolean;
}

function mineHere({ tools, mining, record, json }: MiningCall): Promise<LocalEnd<MiningReport>> {
  const same = { workflowIds: [miningWorkflowId(record.spec)], output: record.spec.output, json };
  return untilPaused(same, ({ signal }) =>
    withMiningProgress(json, (onProgress) =>
      withPin(mining.store, { ...pinOfMining(record.spec), owner: thisProcess() }, () =>
        mineLocally(tools, mining, record, { signal, onProgress, onRetry: (error) => sayRetry(error, json) }),
      ),
    ),
  );
}

function mineThere(
  { tools, mining, record, json }: MiningCall,
  concurrency: number,
): Promise<RemoteEnd<MiningReport>> {
  return untilDetached(({ signal }) =>
    withMiningProgress(json, (onProgress) =>
      orLocally(() => mineOnWorkers(tools, mining, record, { concurrency, signal, onProgress })),
    ),
  );
}

function namesOf({ spec: { dataset, version, name } }: MiningRecord) {
  return { job: `${dataset}@${version}`, triplets: name };
}

function pausedMining(record: MiningRecord, words: readonly string[]): PausedWork {
  const json = namesOf(record);
  return { name: `the mining of ${json.triplets} over ${json.job}`, json, again: typedCommand(words) };
}

function detachedMining(record: MiningRecord): DetachedWork {
  const json = namesOf(record);
  const cancel = `vectormill cancel ${json.job} --triplets ${json.triplets}`;
  return {
    name: miningWorkflowId(record.spec),
    json,
    next: `The same command attaches to it again; \`${cancel}\` ends it.`,
  };
}

/** Returns the report without the histograms, which are in the report file. */
function summaryOf({ totals, ...report }: MiningReport) {
  const {
    positiveScores: _positives,
    negativeScores: _negatives,
    differences: _differences,
    ...counts
  } = totals;
  return { ...report, totals: counts };
}
