import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { miningWorkflowId } from '../../core/workflow-api.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import { finishMining } from '../../engine/mining/finish-mining.js';
import {
  type MineOptions,
  type MiningPhase,
  mine,
  minedReport,
  planMining,
} from '../../engine/mining/mine.js';
import type { MiningReport } from '../../engine/mining/mining-report.js';
import type { Mining, MiningTools } from '../../engine/mining/open-mining.js';
import { prepareMining } from '../../engine/mining/prepare-mining.js';
import { reportText } from '../../engine/mining/report-text.js';
import { openCrossEncoder } from '../../engine/model/cross-encoder/find-cross-encoder.js';
import type { CrossEncoder } from '../../engine/model/cross-encoder.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { type StoreOpener, storeCache } from '../../engine/store/store-cache.js';
import type { CommandDefinition, CommandInput } from '../define-command.js';
import { interruptible } from '../interruptible.js';
import { printDetached } from '../job/detach.js';
import { readJobFile } from '../job/read-job-file.js';
import { mineOnWorkers } from '../mine/mine-on-workers.js';
import { openModelOf } from '../open-model-of.js';
import { nonEmpty, wholeNumber } from '../option-values.js';
import { showProgress } from '../progress.js';

export const mineCommand: CommandDefinition = {
  examples: [
    'vectormill mine mine.yaml',
    'vectormill mine mine.yaml --model ./my-model --json',
    'vectormill mine mine.yaml --temporal --concurrency 8',
  ],
  options: [
    {
      flags: '--model <name>',
      description: "query model, by name, path or .yaml file (default: the job's own; any other is refused)",
      parse: nonEmpty,
    },
    {
      flags: '--temporal',
      description:
        'let workers mine, on the queues mine-cpu and rescore-cpu, instead of this process; Ctrl-C detaches',
    },
    {
      flags: '--concurrency <n>',
      description: 'with --temporal: shards of queries in flight',
      fallback: 4,
      parse: wholeNumber(1, 256),
    },
  ],
  async run({ arguments: [file = ''], options, json }) {
    const startedAt = performance.now();
    const spec = parseMiningJob(await readJobFile(file, 'docs/mining-job.md'), file);
    const stores = storeCache();
    try {
      const { mining, record } = await prepareMining(spec, stores.open);
      const tools = miningTools(stores.open, options.model);
      const { report, by } = await interruptible(async (interruption) => {
        const { signal } = interruption;
        const found = await withProgress(json, (onProgress) =>
          reportOf({ tools, mining, record, options }, { signal, onProgress }),
        );
        return { report: found, by: interruption.by() };
      }).finally(() => tools.close());
      if (!report) {
        const { dataset, version, name } = record.spec;
        const cancel = `vectormill cancel ${dataset}@${version} --triplets ${name}`;
        return printDetached(
          {
            name: miningWorkflowId(record.spec),
            json: { job: `${dataset}@${version}`, triplets: name },
            next: `The same command attaches to it again; \`${cancel}\` ends it.`,
          },
          by,
          json,
        );
      }
      const place = `${mining.store.root}/${mining.layout.prefix}`;
      const elapsedMs = Math.round(performance.now() - startedAt);
      if (json) console.log(JSON.stringify({ triplets: place, ...summaryOf(report), elapsedMs }));
      else console.log([...reportText(report), place].join('\n'));
      return 0;
    } finally {
      await stores.close();
    }
  },
};

/**
 * Mines here, or lets workers mine and waits for them. Undefined where the wait was interrupted.
 */
async function reportOf(
  { tools, mining, record, options }: MiningCall,
  { signal, onProgress }: Pick<MineOptions, 'signal' | 'onProgress'>,
): Promise<MiningReport | undefined> {
  if (options.temporal !== true) return mine(tools, mining, record, { signal, onProgress });
  const standing = await minedReport(mining, record);
  if (standing) return standing;
  const isDone = await mineOnWorkers(mining, record, {
    concurrency: Number(options.concurrency),
    signal,
    onProgress,
    plan: () => planMining(tools, mining, record, { signal, onProgress: () => {} }),
  });
  return isDone ? finishMining(mining) : undefined;
}

interface MiningCall {
  tools: MiningTools;
  mining: Mining;
  record: MiningRecord;
  options: CommandInput['options'];
}

/** Opens the tools that mining needs. Each model is loaded once, when it is first needed. */
function miningTools(openStore: StoreOpener, model: unknown): MiningTools & { close(): Promise<void> } {
  let embedder: Promise<Embedder> | undefined;
  let encoder: Promise<CrossEncoder> | undefined;
  return {
    openStore,
    withEmbedder: async (version, use) => {
      embedder ??= openModelOf(version, model);
      return use(await embedder);
    },
    withCrossEncoder: async (stage, use) => {
      encoder ??= openCrossEncoder({ source: stage.model });
      return use(await encoder);
    },
    close: async () => {
      for (const opened of [embedder, encoder]) await (await opened?.catch(() => undefined))?.close();
    },
  };
}

/** Shows the current stage while the work is done or waited for. */
async function withProgress<T>(
  json: boolean,
  work: (onProgress: (phase: MiningPhase, done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  let progress: ReturnType<typeof showProgress> | undefined;
  let current: MiningPhase | undefined;
  try {
    return await work((phase, done, total) => {
      if (phase !== current) {
        progress?.stop();
        progress = showProgress(phase, 'steps', json);
        current = phase;
      }
      progress?.update(done, total);
    });
  } finally {
    progress?.stop();
  }
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
