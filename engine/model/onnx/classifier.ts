import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import type { Weights } from './weights.js';

/**
 * The part of a model that turns an architecture's token states into logits: the head of
 * transformers' classes for sequence classification.
 */
export interface Classifier {
  /** The architecture to which it belongs, as `model_type` of config.json names it. */
  modelType: string;
  /**
   * Appends the head to hidden states `[rows, columns, hiddenSize]`. `encoder` holds the tensors
   * that are stored with the encoder's, and `task` those beside them. Returns logits `[rows,
   * labels]`.
   */
  build(
    builder: OnnxGraphBuilder,
    weights: { encoder: Weights; task: Weights },
    hidden: Value,
    sizes: { hiddenSize: number; labels: number },
  ): Value;
}
