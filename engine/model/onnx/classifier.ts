import type { GraphBuilder, Value } from './graph-builder.js';
import type { Weights } from './weights.js';

/** What turns an architecture's token states into logits: the head of transformers' classes for sequence classification. */
export interface Classifier {
  /** The architecture that it belongs to, as `model_type` of config.json names it. */
  modelType: string;
  /**
   * Appends the head to hidden states `[rows, columns, hiddenSize]`. `encoder` holds the tensors stored with the encoder's, `task`
   * those beside them. Returns logits `[rows, labels]`.
   */
  build(
    builder: GraphBuilder,
    weights: { encoder: Weights; task: Weights },
    hidden: Value,
    sizes: { hiddenSize: number; labels: number },
  ): Value;
}
