import { InferenceSession, Tensor } from 'onnxruntime-node';
import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { GRAPH_NAMES } from './onnx/graph-names.js';
import type { SessionResult, SessionSettings, SessionTask } from './session-task.js';

/** Loaded by the first task, so that a graph that does not load fails that task and not the thread. */
let session: Promise<InferenceSession> | undefined;

/** The thread's only function. A task without rows loads the session and does nothing else. */
export default async function computeBatch(task: SessionTask): Promise<unknown> {
  session ??= loadSession((workerData as SessionSettings).graphFile);
  let loaded: InferenceSession;
  try {
    loaded = await session;
  } catch (error) {
    return { outcome: 'unloadable', reason: String(error) } satisfies SessionResult;
  }
  const rows = task.lengths.length;
  if (rows === 0) return { outcome: 'computed', vectors: new Float32Array(0) } satisfies SessionResult;
  const shape = [rows, task.columns];
  const inputs: Record<string, Tensor> = {
    [GRAPH_NAMES.inputIds]: new Tensor('int64', padRows(task, task.tokenIds), shape),
    [GRAPH_NAMES.attentionMask]: new Tensor('int64', padRows(task), shape),
  };
  if (loaded.inputNames.includes(GRAPH_NAMES.tokenTypes))
    inputs[GRAPH_NAMES.tokenTypes] = new Tensor('int64', padRows(task, task.tokenTypes), shape);
  if (loaded.inputNames.includes(GRAPH_NAMES.promptLength))
    inputs[GRAPH_NAMES.promptLength] = new Tensor('int64', [BigInt(task.promptLength)], [1]);
  const outputs = await loaded.run(inputs);
  const output = outputs[loaded.outputNames[0]!]!.data as Float32Array;
  const invalid = output.findIndex((value) => !Number.isFinite(value));
  if (invalid !== -1)
    return { outcome: 'invalid', row: Math.floor(invalid / (output.length / rows)) } satisfies SessionResult;
  const vectors = output.slice();
  const result = { outcome: 'computed', vectors } satisfies SessionResult;
  return move({ [transferableSymbol]: [vectors.buffer], [valueSymbol]: result });
}

function loadSession(graphFile: string): Promise<InferenceSession> {
  return InferenceSession.create(graphFile, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // Errors are thrown as well; printing them would put them between a progress bar's lines.
    logSeverityLevel: 4,
  });
}

/**
 * The rows' values, 1 for every token where none are given, with 0 for padding. Written as pairs of 32-bit words: making a
 * BigInt for every token would take longer than anything else here.
 */
function padRows({ lengths, columns }: SessionTask, values?: ArrayLike<number>): BigInt64Array {
  const padded = new BigInt64Array(lengths.length * columns);
  const words = new Uint32Array(padded.buffer);
  let from = 0;
  for (let row = 0; row < lengths.length; row++) {
    const length = lengths[row]!;
    for (let column = 0; column < length; column++)
      words[2 * (row * columns + column)] = values ? values[from + column]! : 1;
    from += length;
  }
  return padded;
}
