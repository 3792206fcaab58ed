import type { Classifier } from '../classifier.js';
import { linear } from '../layers.js';

/**
 * `BertForSequenceClassification`: the first token's state goes through a layer with the hyperbolic
 * tangent, and then through a layer that gives the labels.
 */
export const BERT_CLASSIFIER: Classifier = {
  modelType: 'bert',
  build(builder, { encoder, task }, hidden, { hiddenSize, labels }) {
    const [zero, one] = [builder.integers(0), builder.integers(1)];
    const first = builder.add('Squeeze', [builder.add('Slice', [hidden, zero, one, one]), one]);
    const pooled = linear(encoder, first, {
      prefix: 'pooler.dense',
      inputs: hiddenSize,
      outputs: hiddenSize,
    });
    return linear(task, builder.add('Tanh', [pooled]), {
      prefix: 'classifier',
      inputs: hiddenSize,
      outputs: labels,
    });
  },
};
