import type { ModelSignature } from '../../../core/model-signature.js';
import { GRAPH_VERSION } from '../onnx/encoder-graph.js';
import { GRAPH_NAMES } from '../onnx/graph-names.js';
import { layerWeights, withWeightsFiles } from '../onnx/layer-weights.js';
import { writeModel } from '../onnx/model-writer.js';
import { DATA_TYPE } from '../onnx/onnx-format.js';
import { OnnxGraphBuilder, type Value } from '../onnx/onnx-graph-builder.js';
import { cachedOnnxGraph } from '../onnx/onnx-graph-cache.js';
import { appendHead, finishVectors } from '../onnx/sentence-head.js';
import type { ExportFolder } from './export-folder.js';

/**
 * Writes the graph that follows an exported encoder into the cache, unless it is there, and returns
 * its path. For states, the graph does pooling, layers, truncation and normalisation; for vectors,
 * only truncation and normalisation. Errors: those of the layers' weights files.
 */
export async function ensureHead(folder: ExportFolder, signature: ModelSignature): Promise<string> {
  const { pooling, includePrompt, layers, normalize, dimensions } = signature;
  const { output, size } = folder;
  const identity = {
    ...{ kind: 'head', GRAPH_VERSION, size, holds: output.holds, type: output.type },
    ...{ pooling, includePrompt, layers, normalize, dimensions },
  };
  return cachedOnnxGraph(identity, (file) =>
    withHead(folder, dimensions, (builder) => writeModel(builder, file, `head ${GRAPH_VERSION}`)),
  );
}

/**
 * Checks whether the layers' weights can become a graph, reading only their headers. Errors:
 * MODEL_INVALID.
 */
export async function checkHead(folder: ExportFolder, { dimensions }: ModelSignature): Promise<void> {
  await withHead(folder, dimensions, async () => undefined);
}

async function withHead(
  folder: ExportFolder,
  dimensions: number,
  use: (builder: OnnxGraphBuilder) => Promise<void>,
): Promise<void> {
  await withWeightsFiles(async (open) => {
    const { output, layers, pooling, normalize, size } = folder;
    const builder = new OnnxGraphBuilder();
    const shape = output.holds === 'states' ? ['rows', 'columns', size] : ['rows', size];
    const encoded = asFloat32(builder, builder.input(GRAPH_NAMES.encoded, output.type, shape));
    const last = { size: folder.dimensions, dimensions, normalize };
    if (output.holds === 'vectors') {
      builder.output(GRAPH_NAMES.output, finishVectors(builder, encoded, last), ['rows', dimensions]);
    } else {
      const mask = builder.input(GRAPH_NAMES.attentionMask, 'int64', ['rows', 'columns']);
      const tokens = { hidden: encoded, mask: asFloat32(builder, mask) };
      const weightsOf = await layerWeights(layers, builder, open);
      const vectors = appendHead(builder, tokens, { pooling, layers, weightsOf, ...last });
      builder.output(GRAPH_NAMES.output, vectors, ['rows', dimensions]);
    }
    await use(builder);
  });
}

function asFloat32(builder: OnnxGraphBuilder, value: Value): Value {
  return builder.add('Cast', [value], { to: { int: DATA_TYPE.float32 } });
}
