import type { Configuration } from '../../folder/configuration.js';
import { modelUnsupported } from '../../model-errors.js';
import type { Classifier } from '../classifier.js';
import { BERT_CLASSIFIER } from './bert-classifier.js';

/** Classifiers by the class that `architectures` of config.json names. */
const CLASSIFIERS: Readonly<Record<string, Classifier>> = { BertForSequenceClassification: BERT_CLASSIFIER };

/**
 * Returns the classifier of a class. Errors: MODEL_UNSUPPORTED naming the class, also where the
 * class does not belong to the configuration's `model_type`.
 */
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
