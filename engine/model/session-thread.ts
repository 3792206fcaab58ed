import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { type ExecutionProvider, runtimeProviders } from './execution-provider.js';
import type { InputRole } from './export/export-border.js';
import { GRAPH_NAMES } from './onnx/graph-names.js';
import { env, InferenceSession, Tensor } from './onnx-runtime.js';
import type { ExportedEncoder, SessionResult, SessionSettings, SessionTask } from './session-task.js';

interface LoadedSessions {
  graph: InferenceSession;
  /** Another tool's graph that runs first. */
  encoder: InferenceSession | undefined;
}

const settings = workerData as SessionSettings;
/** Loaded by the first task, so that a graph that does not load fails that task and not the thread. */
let sessions: Promise<LoadedSessions | SessionResult> | undefined;

/** The thread's only function. A task without rows loads the sessions and does nothing else. */
export default async function computeBatch(task: SessionTask): Promise<unknown> {
  sessions ??= loadSessions(settings);
  const loaded = await sessions;
  if ('outcome' in loaded) return loaded;
  const rows = task.lengths.length;
  if (rows === 0) return { outcome: 'computed', vectors: new Float32Array(0) } satisfies SessionResult;
  const output = await runGraph(loaded, task);
  const invalid = output.findIndex((value) => !Number.isFinite(value));
  if (invalid !== -1)
    return { outcome: 'invalid', row: Math.floor(invalid / (output.length / rows)) } satisfies SessionResult;
  const vectors = output.slice();
  const result = { outcome: 'computed', vectors } satisfies SessionResult;
  return move({ [transferableSymbol]: [vectors.buffer], [valueSymbol]: result });
}

/** Row-major `[rows, dimensions]`. */
async function runGraph({ graph, encoder }: LoadedSessions, task: SessionTask): Promise<Float32Array> {
  const inputs: Record<string, Tensor> = {};
  const asks = (name: string) => graph.inputNames.includes(name);
  if (encoder && settings.encoder)
    inputs[GRAPH_NAMES.encoded] = await encode(encoder, settings.encoder, task);
  if (asks(GRAPH_NAMES.inputIds)) inputs[GRAPH_NAMES.inputIds] = rowTensor(task, 'int64', { role: 'tokens' });
  if (asks(GRAPH_NAMES.attentionMask))
    inputs[GRAPH_NAMES.attentionMask] = rowTensor(task, 'int64', { role: 'mask' });
  if (asks(GRAPH_NAMES.tokenTypes))
    inputs[GRAPH_NAMES.tokenTypes] = rowTensor(task, 'int64', { role: 'segments' });
  if (asks(GRAPH_NAMES.promptLength))
    inputs[GRAPH_NAMES.promptLength] = new Tensor('int64', [BigInt(task.promptLength)], [1]);
  const outputs = await graph.run(inputs);
  return outputs[graph.outputNames[0]!]!.data as Float32Array;
}

/** What another tool's encoder makes of the rows, in the type that it declares. */
async function encode(
  session: InferenceSession,
  { inputs, output, firstPosition }: ExportedEncoder,
  task: SessionTask,
): Promise<Tensor> {
  const feeds = inputs.map(({ name, role, type }) => [name, rowTensor(task, type, { role, firstPosition })]);
  const outputs = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>, [output]);
  return outputs[output] as Tensor;
}

/** A session that cannot be made is the file's fault, unless the CPU can make it. */
async function loadSessions({
  graphFile,
  encoder,
  executionProvider,
}: SessionSettings): Promise<LoadedSessions | SessionResult> {
  const main = encoder?.file ?? graphFile;
  const attempt = async (file: string, provider: ExecutionProvider) =>
    loadSession(file, provider).catch((error: unknown) => String(error));
  const first = await attempt(main, executionProvider);
  if (typeof first === 'string') {
    const isOfProvider = executionProvider !== 'cpu' && typeof (await attempt(main, 'cpu')) !== 'string';
    return isOfProvider
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

/** What another tool's graph leaves open, such as the size of its states, shows when it runs. */
const ONE_TOKEN: SessionTask = {
  tokenIds: new Uint32Array(1),
  lengths: new Uint32Array([1]),
  columns: 1,
  promptLength: 0,
};

function loadSession(file: string, provider: ExecutionProvider): Promise<InferenceSession> {
  // Errors are thrown as well; printing them would put them between a progress bar's lines.
  env.logLevel = 'fatal';
  return InferenceSession.create(file, {
    executionProviders: runtimeProviders(provider),
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
}

/** One kind of input, `[rows, columns]`, padded on the right. */
function rowTensor(
  task: SessionTask,
  type: 'int64' | 'int32',
  { role, firstPosition = 0 }: { role: InputRole; firstPosition?: number },
): Tensor {
  const shape = [task.lengths.length, task.columns];
  const values = padRows(task, type, VALUES[role](task, firstPosition));
  return values instanceof Int32Array
    ? new Tensor('int32', values, shape)
    : new Tensor('int64', values, shape);
}

/** What a token has in each kind of input: by its number among the task's tokens, and its column. */
const VALUES: Readonly<
  Record<InputRole, (task: SessionTask, firstPosition: number) => (token: number, column: number) => number>
> = {
  tokens:
    ({ tokenIds }) =>
    (token) =>
      tokenIds[token]!,
  mask: () => () => 1,
  segments:
    ({ tokenTypes }) =>
    (token) =>
      tokenTypes?.[token] ?? 0,
  positions: (_, firstPosition) => (_token, column) => firstPosition + column,
};

/**
 * Rows of values, with 0 for padding. 64-bit values are written as pairs of 32-bit words: making a BigInt for every token
 * would take longer than anything else here.
 */
function padRows(
  { lengths, columns }: SessionTask,
  type: 'int64' | 'int32',
  tokenValue: (token: number, column: number) => number,
): BigInt64Array | Int32Array {
  const padded = new (type === 'int64' ? BigInt64Array : Int32Array)(lengths.length * columns);
  const words = new Uint32Array(padded.buffer);
  const stride = words.length / padded.length;
  let from = 0;
  for (let row = 0; row < lengths.length; row++) {
    const length = lengths[row]!;
    for (let column = 0; column < length; column++)
      words[stride * (row * columns + column)] = tokenValue(from + column, column);
    from += length;
  }
  return padded;
}
