import type { CrossEncoderSignature } from '../../../core/cross-encoder-signature.js';
import { openWeights } from '../folder/sharded-weights.js';
import { appendActivation } from '../onnx/dense.js';
import { appendEncoder, encoderWeights, GRAPH_VERSION } from '../onnx/encoder-graph.js';
import { GRAPH_NAMES } from '../onnx/graph-names.js';
import { writeModel } from '../onnx/model-writer.js';
import { OnnxGraphBuilder } from '../onnx/onnx-graph-builder.js';
import { cachedOnnxGraph } from '../onnx/onnx-graph-cache.js';
import { Weights } from '../onnx/weights.js';
import type { CrossEncoderFolder } from './cross-encoder-folder.js';

/**
 * Writes the graph of a cross-encoder, with its activation, into the cache unless it is there
 * already.
 * @returns the graph's path
 */
export async function ensureClassificationGraph(
  model: CrossEncoderFolder,
  signature: CrossEncoderSignature,
): Promise<string> {
  const { name: _, tokenizerSha256: _tokenizer, maxTokens: _limit, ...computed } = signature;
  return cachedOnnxGraph({ ...computed, GRAPH_VERSION }, (file) =>
    withGraph(model, signature, (builder) => writeModel(builder, file, `graph ${GRAPH_VERSION}`)),
  );
}

/**
 * Checks whether the weights can become a graph, reading only their header. Errors: MODEL_INVALID
 * and MODEL_UNSUPPORTED.
 */
export async function checkClassificationWeights(
  model: CrossEncoderFolder,
  signature: CrossEncoderSignature,
): Promise<void> {
  await withGraph(model, signature, async () => undefined);
}

/** Builds the graph for `use`, which may still read the weights. */
async function withGraph(
  model: CrossEncoderFolder,
  { labels, outputActivation, tokenTypes }: CrossEncoderSignature,
  use: (builder: OnnxGraphBuilder) => Promise<void>,
): Promise<void> {
  const file = await openWeights(model.weightsFile);
  try {
    const builder = new OnnxGraphBuilder();
    const encoder = encoderWeights(file, builder, model);
    const task = new Weights(file, builder, '');
    const { hidden } = appendEncoder(builder, encoder, model.encoder, { tokenTypes });
    const { hiddenSize } = model.encoder;
    const logits = model.classifier.build(builder, { encoder, task }, hidden, { hiddenSize, labels });
    const scores = appendActivation(builder, outputActivation, logits);
    builder.output(GRAPH_NAMES.scores, scores, ['rows', labels]);
    await use(builder);
  } finally {
    await file.close();
  }
}
