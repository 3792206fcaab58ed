import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pullModel } from '../../engine/model/fetch/pull.js';
import { CLI, PROJECT } from '../../infra/project.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { EVERY_COMMAND } from '../support/built-cli.js';
import { filesOfFolder, type HubServer, startHubServer } from '../support/hub-server.js';
import { eventually } from '../support/temporal.js';
import { PREPARING_JOBS, shortenVocabulary, writeExampleFiles } from './example-files.js';
import { type FreshClone, openFreshClone } from './fresh-clone.js';
import { commandsOf, pageOf, pagesIn, yamlFilesOf } from './page.js';
import { shellCommands } from './shell-commands.js';

/**
 * Every command line that README and the pages of `docs` show. The recipes have a test of their
 * own.
 */
const SHOWN = new Set(
  [...pagesIn('docs'), ...pagesIn('.')]
    .flatMap(commandsOf)
    .map((words) => (words[0] === 'npx' ? words.slice(1) : words))
    .filter(([program]) => program === 'vectormill')
    .map((words) => words.slice(1).join(' ')),
);

/**
 * These run while only the queue `control` is served, so that the job waits for a worker that
 * embeds.
 */
const WITHOUT_WORKERS = `
  run job.yaml --dry-run
  run job.yaml --detach --json
  status handbook
  status handbook@2026-11 --json
  list --limit 5 --json
  pause handbook
  resume handbook
  pause handbook@2026-11 --json
  resume handbook@2026-11 --json
  cancel handbook`;

/** These begin a job again once it has been cancelled, and cancel it. */
const CANCELLED_AGAIN = `
  run job.yaml --detach --json
  cancel handbook@2026-11 --json`;

/** These run with a worker for all queues. They begin with what the page of README does first. */
const JOBS = `
  embed ./docs
  embed corpus.jsonl --output ./out --precision int8 --json
  embed ./docs --dataset handbook --version v2 --print-job
  model pull all-MiniLM-L6-v2
  model pull all-MiniLM-L6-v2 --json
  run job.yaml --version 2026-12
  run job.yaml
  run job.yaml --local
  status handbook
  list
  list --status
  list --status failed
  verify handbook --output s3://vectormill/vectors
  search handbook "What does a crash cost?" --output s3://vectormill/vectors`;

/**
 * These run over the versions v1 and v2 of `handbook`, at three places, and the other data that the
 * examples name.
 */
const DATASETS = `
  doctor
  doctor --model ./my-model --output s3://bucket/prefix --json
  completion bash
  completion zsh --json
  index build handbook --name main
  index build handbook --name small --precision binary --metric cosine
  index build s3://bucket/prefix/handbook@v1 --name fine --recall 0.99 --json
  index build s3://bucket/prefix/handbook --temporal
  index build ./out/handbook@v1 --name main
  index list handbook
  index list ./out/handbook@v1 --json
  index verify handbook --name main
  index verify ./out/handbook@v1 --name main --json
  inspect handbook
  inspect handbook@v1 --files --json
  rejects handbook
  rejects handbook@v2 --limit 1000 --json
  search handbook "how are refs moved?"
  search s3://bucket/prefix/handbook@v1 "who may approve leave" --top 10 --json
  search handbook "how are refs moved?" --index main --filter language=en
  search handbook "leave in 2024" --mode hybrid --alpha 0.5 --filter "year>=2020" --filter language=en
  search handbook "who may approve leave" --mode hybrid --rerank ./my-cross-encoder --explain
  search handbook "who may approve leave"
  search handbook "error E1042" --mode bm25
  search handbook "who may approve leave" --mode hybrid
  search handbook "who may approve leave" --mode hybrid --fusion rrf
  search handbook "leave" --filter "year>=2020" --filter language=en
  search handbook "who may approve leave" --mode hybrid --index main
  search papers "90% of sudden infant death syndrome deaths happen in newborns aged less than 6 months" \\
    --mode hybrid --top 3 --rerank ./minilm-l6-cross-encoder --rerank-top 20 --explain
  verify handbook
  verify handbook --quick
  verify ./out/handbook@v1 --no-probe --json
  promote handbook@candidate
  promote s3://bucket/prefix/handbook@v1 --ref current --json
  promote handbook@v1 --force
  mine mine.yaml
  mine mine.yaml --local --model ./my-model --json
  mine mine.yaml --temporal --concurrency 8
  mine mine.yaml --temporal`;

const MODELS = `
  model pull BAAI/bge-small-en-v1.5
  model list
  model list --json
  model push BAAI/bge-small-en-v1.5 s3://bucket/models
  model push all-MiniLM-L6-v2 s3://bucket/models --json
  model remove BAAI/bge-small-en-v1.5
  model pull BAAI/bge-small-en-v1.5@main --file onnx/model.onnx --json
  model remove BAAI/bge-small-en-v1.5@main
  model pull BAAI/bge-small-en-v1.5
  model remove BAAI/bge-small-en-v1.5 --json
  model convert all-MiniLM-L6-v2
  model convert all-MiniLM-L6-v2 --precision int8
  model convert ./my-model --output my-model.onnx --overwrite
  model show all-MiniLM-L6-v2
  model show ./my-model --max-tokens 128 --json
  model show ./my-model --file onnx/model_quantized.onnx
  encode --model all-MiniLM-L6-v2 --input texts.jsonl --output vectors.parquet
  inspect vectors.parquet
  encode --model ./my-model --file onnx/model_quantized.onnx --input texts.jsonl --output quantized.parquet
  encode --model all-MiniLM-L6-v2 --input texts.jsonl --output int8.parquet --vector-precision int8
  encode --model ./my-model --input s3://bucket/texts.jsonl.gz --output vectors.parquet --max-tokens 32 --prompt "query: " --overwrite --json
  eval ./scifact --model all-MiniLM-L6-v2
  eval squad-dev.json --kind squad-answers --model all-MiniLM-L6-v2 --json
  eval sts-test.csv --model ./my-model --max-tokens 128
  eval qrels.txt --corpus corpus.jsonl.gz --queries queries.jsonl --model ./my-model --k 10,100
  eval ./scifact --mode hybrid --model all-MiniLM-L6-v2
  eval qrels.txt --run bm25.run
  eval qrels.txt --corpus corpus.jsonl --queries queries.jsonl --model ./my-model
  eval ./scifact --mode bm25
  eval ./scifact --mode hybrid --fusion rrf --model all-MiniLM-L6-v2 --split train
  eval squad-dev.json --model ./my-model
  eval squad-dev.json --kind squad-answers --model ./my-model
  eval sts-test.csv --model ./my-model
  eval xquad.en.json --model all-MiniLM-L6-v2
  rank --model ./my-cross-encoder --query "who may approve leave" --input documents.jsonl --top 10
  rank --model ./my-cross-encoder --pairs pairs.jsonl --output scores.jsonl
  rank --model ./my-cross-encoder --pairs pairs.jsonl --output logits.jsonl --activation Identity --json`;

const NIGHTS = `
  schedule create nightly.yaml --replace --json
  schedule list
  schedule list --json
  schedule trigger nightly --wait
  status nightly
  schedule pause nightly
  schedule pause nightly.yaml --json
  night nightly.yaml
  night nightly.yaml --local --at now
  night nightly.yaml --temporal --json
  schedule resume nightly.yaml --json`;

/** Each of these ends a night that waits for workers. */
const NIGHT_TRIGGERED = 'schedule trigger nightly.yaml --json';
const NIGHTS_CANCELLED = `
  schedule cancel nightly
  schedule cancel nightly.yaml --json`;

const SCHEDULES_DELETED = `
  schedule delete nightly
  schedule create nightly.yaml
  schedule delete nightly.yaml --json`;

/** This continues a night that failed, and is refused where the last night is complete. */
const NIGHT_CONTINUED = 'schedule resume nightly --continue';

/**
 * These need a GPU. Without one, a worker is refused with the name of what is missing, and `doctor`
 * finds it missing.
 */
const ON_A_GPU = `
  worker --queues embed-gpu --provider cuda --sessions 3
  doctor --provider cuda`;

/**
 * This computes a vector for every word of the model's vocabulary, so the model is given a short
 * one.
 */
const DISTILLED = 'model distill ./my-model --output ./my-static --dimensions 128 --overwrite --json';

/**
 * This takes as long as all other examples of models together, and is not run:
 * `./my-model`, which is distilled with more options, has the same weights.
 */
const NOT_RUN = 'model distill all-MiniLM-L6-v2 --output ./minilm-static';

/** These end only when they are asked to. */
const WORKERS = `
  worker
  worker --queues chunk-cpu,embed-cpu`;

/** This ends a mining that waits for workers. */
const MINING_CANCELLED = 'cancel handbook@2026-11 --triplets triplets';

/** The line that a worker logs when it serves its queues. */
const WORKER_READY = /worker\.(started|ready)/;

const linesOf = (block: string) => shellCommands(block.trim());

describe('the examples of README and of the reference pages', { timeout: 600_000 }, () => {
  let clone: FreshClone;
  let hub: HubServer;
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    clone = await openFreshClone(['docs/decisions/0001-temporal-packages.md', 'docs/decisions/README.md']);
    const { folder } = await pullModel('all-MiniLM-L6-v2', { log: () => {} });
    writeExampleFiles(clone.folder, folder);
    const readme = pageOf('README.md', readFileSync(join(PROJECT, 'README.md'), 'utf8'));
    for (const { name, text } of yamlFilesOf(readme)) writeFileSync(join(clone.folder, name!), text);
    const quantised = 'my-model/onnx/model_quantized.onnx';
    await clone.enter(['vectormill', 'model', 'convert', './my-model', '--output', quantised]);
    hub = await startHubServer();
    await writeTinyModel(join(clone.folder, 'tiny'));
    const files = filesOfFolder(join(clone.folder, 'tiny')).set('onnx/model.onnx', Buffer.from('a graph'));
    hub.add('BAAI/bge-small-en-v1.5', { files });
    Object.assign(clone.environment, { HF_ENDPOINT: hub.url, HF_HOME: join(clone.folder, 'hf') });
    await clone.makeBucket('bucket');
    cpSync(join(clone.folder, 'texts.jsonl.gz'), join(clone.buckets, 'bucket', 'texts.jsonl.gz'));
  });
  afterAll(async () => {
    for (const worker of workers) await stop(worker);
    await hub?.close();
    await clone?.close();
  });

  /** Starts the command and leaves it running, once it has printed `ready` on stderr. */
  async function start(line: string, ready: RegExp): Promise<ChildProcess> {
    const child = spawn(process.execPath, [CLI, ...linesOf(line)[0]!], {
      cwd: clone.folder,
      env: { ...process.env, ...clone.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    workers.push(child);
    for await (const text of createInterface({ input: child.stderr! })) if (ready.test(text)) break;
    child.stderr!.resume();
    return child;
  }

  async function stop(child: ChildProcess): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    return child.exitCode;
  }

  /** Runs every line of a block in `folder`. Each must end with `code`. */
  async function enterAll(block: string, code = 0, folder = clone.folder): Promise<void> {
    const lines = linesOf(block);
    const child = spawn(process.execPath, [EVERY_COMMAND, JSON.stringify(lines)], {
      cwd: folder,
      env: { ...process.env, ...clone.environment },
    });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.stdout.resume();
    child.stdin.end('\n');
    await once(child, 'close');
    const codes = JSON.parse(/^codes (.*)$/m.exec(stderr)?.[1] ?? '[]') as number[];
    const outcomes = lines.map((words, index) => `${codes[index]} ${words.join(' ')}`);
    expect(outcomes, stderr).toEqual(lines.map((words) => `${code} ${words.join(' ')}`));
  }

  /** Enters a line again and again until it ends with `code`. */
  async function untilCode(line: string, code: number): Promise<void> {
    const words = ['vectormill', ...linesOf(line)[0]!];
    await eventually(async () => (await clone.enter(words)).code === code);
  }

  test('are all run by this test', () => {
    const blocks = [
      WITHOUT_WORKERS,
      CANCELLED_AGAIN,
      JOBS,
      DATASETS,
      MODELS,
      DISTILLED,
      NIGHTS,
      NIGHT_CONTINUED,
      NIGHT_TRIGGERED,
      NIGHTS_CANCELLED,
      SCHEDULES_DELETED,
      ON_A_GPU,
      WORKERS,
      MINING_CANCELLED,
      NOT_RUN,
    ];
    const run = new Set(blocks.flatMap(linesOf).map((words) => words.join(' ')));
    expect([...SHOWN].filter((line) => !run.has(line))).toEqual([]);
  });

  test('of jobs that wait for workers', async () => {
    const control = await start('worker --queues control', WORKER_READY);
    // What was cancelled ends a little later. Until then, its command is refused.
    await enterAll(WITHOUT_WORKERS);
    await untilCode('status handbook@2026-11', 1);
    await enterAll(CANCELLED_AGAIN);
    await untilCode('status handbook@2026-11', 1);
    await stop(control);
  });

  test('of jobs that are finished, and of mining that is cancelled', async () => {
    const worker = await start('worker', WORKER_READY);
    await enterAll(JOBS);
    await stop(worker);
    const control = await start('worker --queues control', WORKER_READY);
    const mining = clone.enter(['vectormill', 'mine', 'mine.yaml', '--temporal']);
    await untilCode(MINING_CANCELLED, 0);
    expect(await mining).toMatchObject({ code: 1, stderr: expect.stringContaining('CANCELLED') });
    await stop(control);
  });

  test('of workers', async () => {
    for (const words of linesOf(WORKERS))
      expect(await stop(await start(words.join(' '), WORKER_READY))).toBe(0);
    const [refused, found] = linesOf(ON_A_GPU).map((words) => ['vectormill', ...words]);
    expect((await clone.enter(refused!)).code).toBe(2);
    expect((await clone.enter(found!)).code).toBe(1);
  });

  test('of datasets', async () => {
    const worker = await start('worker', WORKER_READY);
    await enterAll(
      Object.keys(PREPARING_JOBS)
        .map((file) => `run ${file}`)
        .join('\n'),
    );
    const written = join(clone.buckets, 'vectormill', 'vectors', 'handbook');
    cpSync(written, join(clone.folder, 'out', 'handbook'), { recursive: true });
    cpSync(written, join(clone.buckets, 'bucket', 'prefix', 'handbook'), { recursive: true });
    await enterAll(DATASETS);
    await stop(worker);
  });

  test('of models', async () => {
    await enterAll(MODELS);
  });

  test('of a model that is distilled', async () => {
    const folder = join(clone.folder, 'distilling');
    cpSync(join(clone.folder, 'my-model'), join(folder, 'my-model'), { recursive: true });
    shortenVocabulary(join(folder, 'my-model', 'tokenizer.json'), 2000);
    await enterAll(DISTILLED, 0, folder);
  });

  test('of nights', async () => {
    const worker = await start('worker', WORKER_READY);
    await enterAll('schedule create nightly.yaml\nschedule trigger nightly --wait');
    await enterAll(NIGHT_CONTINUED, 2);
    await enterAll(NIGHTS);
    await stop(worker);
    await start('worker --queues control', WORKER_READY);
    for (const words of linesOf(NIGHTS_CANCELLED)) {
      await enterAll(NIGHT_TRIGGERED);
      await untilCode(words.join(' '), 0);
      await untilCode('status nightly', 1);
    }
    await enterAll(SCHEDULES_DELETED);
  });
});
