import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import type { IndexRequest } from '../../core/index/choose-parameters.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { INDEX_METRICS, INDEX_PRECISIONS, type IndexMetric } from '../../core/index/index-options.js';
import { pinOfIndex } from '../../core/retention/job-pins.js';
import { indexWorkflowId } from '../../core/workflow-api.js';
import { availableCores } from '../../engine/concurrency/available-cores.js';
import { type IndexPlan, planIndex } from '../../engine/index/build-index.js';
import { metricOfIndex } from '../../engine/index/index-metric.js';
import { listIndexes } from '../../engine/index/list-indexes.js';
import { openIndex } from '../../engine/index/open-index.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { withPin } from '../../engine/version/with-pin.js';
import { buildIndexLocally } from '../../local/build-index.js';
import { thisProcess } from '../../local/this-process.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandGroup, CommandInput, GroupedCommand } from '../define-command.js';
import { executorOf, executorOptions, orLocally } from '../executor-options.js';
import { buildOnWorkers } from '../index/build-on-workers.js';
import { indexLines } from '../index/index-lines.js';
import { printDetached, untilDetached } from '../job/detach.js';
import { type LocalEnd, printPaused, untilPaused } from '../job/pause.js';
import { byteCount, fraction, nonEmpty, oneOf, wholeNumber } from '../option-values.js';
import { sayRetry, showProgress } from '../progress.js';
import { typedCommand } from '../typed-command.js';

const nameOption = {
  flags: '--name <name>',
  description: 'the name of the index',
  fallback: 'main',
  parse: nonEmpty,
};

const build: GroupedCommand = {
  usage: 'build <dataset[@ref|version]>',
  summary:
    'Build an index of a version, measure its recall against exact search, and publish it if that reaches the target.',
  examples: [
    'vectormill index build handbook --name main',
    'vectormill index build s3://bucket/prefix/handbook@v1 --name fine --recall 0.99 --json',
    'vectormill index build handbook --name small --precision binary --metric cosine',
    'vectormill index build s3://bucket/prefix/handbook --temporal',
  ],
  options: [
    outputOption,
    nameOption,
    {
      flags: '--metric <metric>',
      description:
        "cosine, dot or l2: how nearness is measured (default: as the version's model compares, mostly cosine)",
      parse: oneOf(INDEX_METRICS),
    },
    {
      flags: '--recall <share>',
      description: 'least recall@10 against exact search; below it nothing is published',
      fallback: 0.95,
      parse: fraction,
    },
    {
      flags: '--precision <name>',
      description: `how the graph keeps vectors: ${INDEX_PRECISIONS.join(', ')} (default: chosen from size, metric and memory); scores are always of float32`,
      parse: oneOf(INDEX_PRECISIONS),
    },
    {
      flags: '--memory <size>',
      description: 'what all graphs may take in memory, such as 4GB (default: no limit)',
      parse: byteCount,
    },
    {
      flags: '--m <n>',
      description: 'neighbours that a row is joined to (default: chosen from the recall)',
      parse: wholeNumber(2, 256),
    },
    {
      flags: '--ef-construction <n>',
      description: 'candidates kept while a row is added (default: chosen from the recall)',
      parse: wholeNumber(4, 4096),
    },
    {
      flags: '--shard-rows <n>',
      description: 'most rows of one graph (default: 500000, and fewer where they take more than 1 GiB)',
      parse: wholeNumber(1, 100_000_000),
    },
    {
      flags: '--exact-below <rows>',
      description:
        'versions of fewer rows are searched exactly, without a graph (default: 8,000,000 / dimensions)',
      parse: wholeNumber(0, 1_000_000_000),
    },
    {
      flags: '--threads <n>',
      description:
        'threads that add rows to a graph; with one, the same rows give the same bytes (default: the cores this process may use)',
      parse: wholeNumber(1, 256),
    },
    ...executorOptions('local', { queues: 'index-cpu' }),
  ],
  run(input) {
    const executor = executorOf(input.options, 'local');
    return withVersion(input, async (version, { words, options, json }) => {
      const plan = await planIndex(version, String(options.name), requestOf(version, options));
      const end = await (executor === 'local'
        ? buildHere(version, plan, options.threads, json)
        : untilDetached(({ signal }) =>
            withProgress(json, ({ rows }) => workersBuild(version, plan, { signal, onRows: rows })),
          ));
      const build = namesOf(version, plan);
      if (end.kind === 'paused') return printPaused({ ...build, again: typedCommand(words) }, end, json);
      if (end.kind === 'detached')
        return printDetached({ ...build, next: nextOf(version, plan) }, end.by, json);
      const { manifest, reused } = end.value;
      const existing = plan.existing !== undefined;
      if (json)
        console.log(
          JSON.stringify({
            output: version.store.root,
            ...manifest,
            standing: existing,
            reusedShards: reused,
            alsoOnTemporal: end.alsoOnTemporal,
          }),
        );
      else printBuilt(manifest, { existing, reused });
      return 0;
    });
  },
};

function buildHere(
  version: ReadableVersion,
  plan: IndexPlan,
  threads: unknown,
  json: boolean,
): Promise<LocalEnd<{ manifest: IndexManifest; reused: number }>> {
  const { location } = version;
  const same = {
    workflowIds: [indexWorkflowId({ location, name: plan.name })],
    output: location.output,
    json,
  };
  return untilPaused(same, ({ signal }) =>
    withProgress(json, ({ rows, gate }) =>
      pinned(version, plan, (planned) =>
        buildIndexLocally(version, planned, {
          threads: threads === undefined ? availableCores() : Number(threads),
          signal,
          onRows: rows,
          onGate: gate,
          onRetry: (error) => sayRetry(error, json),
        }),
      ),
    ),
  );
}

/** Pins the version and its parent, and plans again, because the parent may have gone meanwhile. */
function pinned<T>(
  version: ReadableVersion,
  plan: IndexPlan,
  build: (plan: IndexPlan) => Promise<T>,
): Promise<T> {
  if (plan.existing) return build(plan);
  const pin = { ...pinOfIndex(version.manifest, plan.name), owner: thisProcess() };
  return withPin(version.store, pin, async () => build(await planIndex(version, plan.name, plan.request)));
}

function namesOf({ location: { dataset, version } }: ReadableVersion, { name }: IndexPlan) {
  const job = `${dataset}@${version}`;
  return { name: `the index ${name} of ${job}`, json: { job, index: name } };
}

/** Returns the sentence for a person who stops waiting for workers. */
function nextOf({ location: { dataset, version } }: ReadableVersion, { name }: IndexPlan): string {
  return `The same command attaches to it again; \`vectormill cancel ${dataset}@${version} --index ${name}\` ends it.`;
}

/**
 * Lets workers build what the plan says, after this process has refused what cannot be built.
 * Undefined where the wait was interrupted.
 */
async function workersBuild(
  version: ReadableVersion,
  plan: IndexPlan,
  how: { signal: AbortSignal; onRows: (done: number, total: number) => void },
): Promise<{ manifest: IndexManifest; reused: number } | undefined> {
  if (plan.existing) return { manifest: plan.existing, reused: plan.existing.shards.length };
  const { name, request } = plan;
  const job = { location: version.location, name, request };
  const summary = await orLocally(() => buildOnWorkers(job, how));
  if (!summary) return undefined;
  const { existing } = await planIndex(version, name, request);
  if (existing) return { manifest: existing, reused: summary.reused };
  throw new VectormillError('INTERNAL', `workers built the index ${name}, and it is not there`, {
    component: 'index',
    remedy: 'Check that the workers write to the same output.',
  });
}

/** Shows how far the graphs, and after them the gate, are. */
async function withProgress<T>(
  json: boolean,
  work: (update: Readonly<Record<'rows' | 'gate', (done: number, total: number) => void>>) => Promise<T>,
): Promise<T> {
  const rows = showProgress('indexed', 'rows', json);
  const gate = showProgress('compared queries with', 'vector files', json);
  try {
    return await work({
      rows: rows.update,
      gate: (done, total) => {
        rows.stop();
        gate.update(done, total);
      },
    });
  } finally {
    rows.stop();
    gate.stop();
  }
}

const list: GroupedCommand = {
  usage: 'list <dataset[@ref|version]>',
  summary: 'List the published indexes of a version.',
  examples: ['vectormill index list handbook', 'vectormill index list ./out/handbook@v1 --json'],
  options: [outputOption],
  run: (input) =>
    withVersion(input, async (version, { json }) => {
      const indexes = await listIndexes(version);
      if (json)
        console.log(JSON.stringify(indexes.map((index) => ({ output: version.store.root, ...index }))));
      else if (indexes.length === 0) console.log('No indexes yet; `vectormill index build` makes one.');
      for (const index of json ? [] : indexes) {
        console.log(
          `${index.name}  ${index.kind}  ${index.graph.metric}  ${counted(index.source.rows, 'row')}  ${counted(index.bytes, 'byte')}  recall@${index.gate.k} ${index.gate.recall.toFixed(4)}`,
        );
      }
      return 0;
    }),
};

const verify: GroupedCommand = {
  usage: 'verify <dataset[@ref|version]>',
  summary: 'Check that an index belongs to the version and that every graph is the one that was measured.',
  examples: [
    'vectormill index verify handbook --name main',
    'vectormill index verify ./out/handbook@v1 --name main --json',
  ],
  options: [outputOption, nameOption],
  run: (input) =>
    withVersion(input, async (version, { options, json }) => {
      const index = await openIndex(version, String(options.name), { mapped: true });
      await index.close();
      const { manifest } = index;
      if (json)
        console.log(
          JSON.stringify({
            output: version.store.root,
            name: manifest.name,
            shards: manifest.shards.length,
            verified: true,
          }),
        );
      else console.log(`${manifest.name}: ${counted(manifest.shards.length, 'graph')} as published`);
      return 0;
    }),
};

export const indexCommands: CommandGroup = {
  commands: [build, list, verify],
};

function requestOf({ manifest }: ReadableVersion, options: CommandInput['options']): IndexRequest {
  const given = {
    precision: options.precision,
    memoryBytes: options.memory,
    connectivity: options.m,
    expansionAdd: options.efConstruction,
    shardRows: options.shardRows,
    exactBelow: options.exactBelow,
  };
  return {
    metric: metricOfIndex(manifest.signature, options.metric as IndexMetric | undefined),
    recallTarget: Number(options.recall),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  } as IndexRequest;
}

function printBuilt(
  manifest: IndexManifest,
  { existing, reused }: { existing: boolean; reused: number },
): void {
  const { dataset, version, name, shards } = manifest;
  const fresh = shards.length - reused;
  console.log(
    existing
      ? `${dataset}@${version} has this index already: ${name}`
      : `${dataset}@${version}: index ${name} published, ${counted(fresh, 'graph')} built, ${reused} reused`,
  );
  for (const line of indexLines(manifest)) console.log(line);
}

async function withVersion(
  input: CommandInput,
  use: (version: ReadableVersion, input: CommandInput) => Promise<number>,
): Promise<number> {
  const stores = storeCache();
  try {
    const { store, ...place } = await findDataset(input, stores.open);
    return await use(await resolveVersion(store, place), input);
  } finally {
    await stores.close();
  }
}
