import type { Configuration } from '../configuration.js';
import { modelUnsupported } from '../model-errors.js';
import { BERT_CLASSIFIER } from './architectures/bert-classifier.js';
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

/** By the class that `architectures` of config.json names. */
const CLASSIFIERS: Readonly<Record<string, Classifier>> = { BertForSequenceClassification: BERT_CLASSIFIER };

/** Errors: MODEL_UNSUPPORTED, naming the class, also where it is not of the configuration's own `model_type`. */
export function classifierOf({ file, values }: Configuration, className: string): Classifier {
  const classifier = Object.hasOwn(CLASSIFIERS, className) ? CLASSIFIERS[className] : undefined;
  if (!classifier)
    throw modelUnsupported(
      file,
      `the class ${className} is not supported (supported: ${Object.keys(CLASSIFIERS).join(', ')})`,
    );
  if (classifier.modelType !== values.model_type)
    throw modelUnsupported(
      file,
      `the class ${className} with the architecture ${JSON.stringify(values.model_type)} is not supported`,
    );
  return classifier;
}
