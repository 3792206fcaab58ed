import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { type ExecutionProvider, runtimeExecutionProviders } from '../execution-provider.js';
import { GRAPH_NAMES } from '../onnx/graph-names.js';
import { asInput, env, InferenceSession, Tensor } from './onnx-runtime.js';
import { type BatchRows, batchesOf, rowTensor } from './session-inputs.js';
import type { ExportedEncoder, SessionResult, SessionSettings, SessionTask } from './session-task.js';

interface LoadedSessions {
  graph: InferenceSession;
  /** Another tool's graph that runs first. */
  encoder: InferenceSession | undefined;
}

const settings = workerData as SessionSettings;
/**
 * The first task loads the sessions, so that a graph that cannot be loaded fails that task and not
 * the thread.
 */
let sessions: Promise<LoadedSessions | SessionResult> | undefined;
/**
 * The previous task. Tasks run one after the other, because tasks that took turns would end at the
 * same time and leave the thread without work.
 */
let before: Promise<unknown> = Promise.resolve();

/**
 * Computes a task. This is the thread's only function. A task without rows only loads the sessions.
 */
export default function computeTask(task: SessionTask): Promise<unknown> {
  const result = before.then(() => compute(task));
  before = result.catch(() => undefined);
  return result;
}

async function compute(task: SessionTask): Promise<unknown> {
  sessions ??= loadSessions(settings);
  const loaded = await sessions;
  if ('outcome' in loaded) return loaded;
  let vectors = new Float32Array(0);
  let row = 0;
  for (const batch of batchesOf(task)) {
    const output = await runGraph(loaded, batch);
    const size = output.length / batch.lengths.length;
    const invalid = output.findIndex((value) => !Number.isFinite(value));
    if (invalid !== -1)
      return { outcome: 'invalid', row: row + Math.floor(invalid / size) } satisfies SessionResult;
    if (row === 0) vectors = new Float32Array(task.lengths.length * size);
    vectors.set(output, row * size);
    row += batch.lengths.length;
  }
  const result = { outcome: 'computed', vectors } satisfies SessionResult;
  return move({ [transferableSymbol]: [vectors.buffer], [valueSymbol]: result });
}

/** Runs the graph and returns its output, row-major `[rows, dimensions]`. */
async function runGraph({ graph, encoder }: LoadedSessions, batch: BatchRows): Promise<Float32Array> {
  const inputs: Record<string, Tensor> = {};
  const asks = (name: string) => graph.inputNames.includes(name);
  if (encoder && settings.encoder)
    inputs[GRAPH_NAMES.encoded] = await encode(encoder, settings.encoder, batch);
  if (asks(GRAPH_NAMES.inputIds))
    inputs[GRAPH_NAMES.inputIds] = rowTensor(batch, 'int64', { role: 'tokens' });
  if (asks(GRAPH_NAMES.attentionMask))
    inputs[GRAPH_NAMES.attentionMask] = rowTensor(batch, 'int64', { role: 'mask' });
  if (asks(GRAPH_NAMES.tokenTypes))
    inputs[GRAPH_NAMES.tokenTypes] = rowTensor(batch, 'int64', { role: 'segments' });
  if (asks(GRAPH_NAMES.promptLength))
    inputs[GRAPH_NAMES.promptLength] = new Tensor('int64', [BigInt(batch.promptLength)], [1]);
  const outputs = await graph.run(inputs);
  return outputs[graph.outputNames[0]!]!.data as Float32Array;
}

/** Runs another tool's encoder on the rows. Its output keeps the type that the encoder declares. */
async function encode(
  session: InferenceSession,
  { inputs, output, firstPosition }: ExportedEncoder,
  batch: BatchRows,
): Promise<Tensor> {
  const feeds = inputs.map(({ name, role, type }) => [name, rowTensor(batch, type, { role, firstPosition })]);
  const outputs = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>, [output]);
  return asInput(outputs[output] as Tensor);
}

/** Loads the sessions. If one cannot be made, the file is to blame, unless the CPU can load it. */
async function loadSessions({
  graphFile,
  encoder,
  executionProvider,
}: SessionSettings): Promise<LoadedSessions | SessionResult> {
  const main = encoder?.file ?? graphFile;
  const attempt = async (file: string, requested: ExecutionProvider) =>
    loadSession(file, requested).catch((error: unknown) => String(error));
  const first = await attempt(main, executionProvider);
  if (typeof first === 'string') {
    const isOfExecutionProvider =
      executionProvider !== 'cpu' && typeof (await attempt(main, 'cpu')) !== 'string';
    return isOfExecutionProvider
      ? { outcome: 'unavailable', reason: first }
      : { outcome: 'unloadable', file: main, reason: first };
  }
  if (!encoder) return { graph: first, encoder: undefined };
  const head = await attempt(graphFile, 'cpu');
  if (typeof head === 'string') return { outcome: 'unloadable', file: graphFile, reason: head };
  const loaded = { graph: head, encoder: first };
  const failure = await runGraph(loaded, ONE_TOKEN).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  return failure === undefined ? loaded : { outcome: 'unloadable', file: main, reason: failure };
}

/**
 * One row of one token. A property that another tool's graph does not declare, such as the size of
 * its states, only shows when the graph runs, so the graph runs once on this row.
 */
const ONE_TOKEN: BatchRows = {
  tokenIds: new Uint32Array(1),
  tokenTypes: undefined,
  lengths: new Uint32Array([1]),
  columns: 1,
  promptLength: 0,
};

function loadSession(file: string, executionProvider: ExecutionProvider): Promise<InferenceSession> {
  // Errors are thrown as well. Printing them would put them between a progress bar's lines.
  env.logLevel = 'fatal';
  return InferenceSession.create(file, {
    executionProviders: runtimeExecutionProviders(executionProvider),
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
}
