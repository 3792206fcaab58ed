import { availableCores } from '../concurrency/available-cores.js';
import { writeModel } from '../model/onnx/model-writer.js';
import { OnnxGraphBuilder } from '../model/onnx/onnx-graph-builder.js';
import { cachedOnnxGraph } from '../model/onnx/onnx-graph-cache.js';
import { InferenceSession, Tensor } from '../model/session/onnx-runtime.js';

/** Raise it whenever the graph changes. */
const GRAPH_VERSION = 1;
/**
 * `DataType.FLOAT` of ONNX. Row numbers within a block are far below 2²⁴, so that float32 holds
 * them exactly.
 */
const FLOAT32 = 1;

/**
 * The best rows of one block for each query, best first. Equal scores are in the order of the rows.
 */
export interface BlockTopK {
  /** Row-major `[queries, k]`. */
  scores: Float32Array;
  /** Whole row numbers within the block, row-major `[queries, k]`. */
  rows: Float32Array;
}

/** Finds the best rows of a block for many queries at once. */
export interface TopKBlocks {
  /**
   * Finds the nearest rows. `queries` and `rows` are row-major `[…, dimensions]` and prepared. `k`
   * is at most the number of rows.
   */
  nearest(queries: Float32Array, rows: Float32Array, k: number): Promise<BlockTopK>;
  close(): Promise<void>;
}

/**
 * Computes products and the best of them in one ONNX graph, on all cores. This is some 40 times as
 * fast as loops in JavaScript.
 */
export class TopKSession implements TopKBlocks {
  private constructor(
    private readonly session: InferenceSession,
    private readonly dimensions: number,
  ) {}

  static async open(dimensions: number): Promise<TopKSession> {
    const identity = { graph: 'top-k', dimensions, version: GRAPH_VERSION };
    const file = await cachedOnnxGraph(identity, (path) =>
      writeModel(buildGraph(dimensions), path, `top-k ${GRAPH_VERSION}`),
    );
    const session = await InferenceSession.create(file, {
      executionProviders: ['cpu'],
      intraOpNumThreads: availableCores(),
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    return new TopKSession(session, dimensions);
  }

  async nearest(queries: Float32Array, rows: Float32Array, k: number): Promise<BlockTopK> {
    const { dimensions } = this;
    const outputs = await this.session.run({
      queries: new Tensor('float32', queries, [queries.length / dimensions, dimensions]),
      rows: new Tensor('float32', rows, [rows.length / dimensions, dimensions]),
      k: new Tensor('int64', [BigInt(k)], [1]),
    });
    return {
      scores: outputs.scores!.data as Float32Array,
      rows: outputs.places!.data as Float32Array,
    };
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function buildGraph(dimensions: number): OnnxGraphBuilder {
  const builder = new OnnxGraphBuilder();
  const queries = builder.input('queries', 'float32', ['queries', dimensions]);
  const rows = builder.input('rows', 'float32', ['rows', dimensions]);
  const k = builder.input('k', 'int64', [1]);
  const products = builder.add('Gemm', [queries, rows], { transB: { int: 1 } });
  const [scores, places] = builder.addWithOutputs('TopK', [products, k], 2, {
    axis: { int: -1 },
    largest: { int: 1 },
    sorted: { int: 1 },
  });
  builder.output('scores', scores!, ['queries', 'k']);
  builder.output('places', builder.add('Cast', [places!], { to: { int: FLOAT32 } }), ['queries', 'k']);
  return builder;
}
