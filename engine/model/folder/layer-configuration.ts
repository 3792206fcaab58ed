import { join } from 'node:path';
import type { DenseSignature } from '../../../core/model-signature.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';
import {
  type Configuration,
  readBoolean,
  readConfiguration,
  readCount,
  readOptionalConfiguration,
} from './configuration.js';
import { findWeights } from './weights-file.js';

/** Activations with PyTorch's default parameters, by the name of their class in `torch.nn`. */
export const DENSE_ACTIVATIONS = [
  'Identity',
  'Tanh',
  'GELU',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'SELU',
  'Sigmoid',
  'SiLU',
  'Hardswish',
  'Mish',
  'Softplus',
  'Softsign',
] as const;
export type DenseActivation = (typeof DENSE_ACTIVATIONS)[number];

/** A fully connected layer, and the file that holds its weights. */
export interface DenseLayer extends Omit<DenseSignature, 'weightsSha256'> {
  weightsFile: string;
}

/** A module after pooling. */
export type Layer = DenseLayer | { kind: 'normalize' };

/**
 * Reads a `Normalize` folder. Older versions of sentence-transformers write no configuration for
 * it. Errors: MODEL_UNSUPPORTED where it normalises anything but the sentence's vector.
 */
export async function readNormalize(folder: string): Promise<Layer> {
  assertSentenceLayer(await readOptionalConfiguration(join(folder, 'config.json')));
  return { kind: 'normalize' };
}

/**
 * Reads a `Dense` folder: its configuration, with the defaults of sentence-transformers for what is
 * missing, and its weights. Errors: MODEL_UNSUPPORTED naming an activation or option that is not
 * supported, MODEL_INVALID where the number of inputs is not `size`.
 */
export async function readDense(folder: string, size: number): Promise<DenseLayer> {
  const configuration = await readConfiguration(join(folder, 'config.json'));
  assertSentenceLayer(configuration);
  const inputs = readCount(configuration, 'in_features');
  if (inputs !== size)
    throw modelInvalid(
      configuration.file,
      `"in_features" is ${inputs}, but the vectors before it have ${size} numbers`,
    );
  return {
    kind: 'dense',
    inputs,
    outputs: readCount(configuration, 'out_features'),
    bias: readBoolean(configuration, 'bias', true),
    activation: readActivation(configuration),
    residual: readBoolean(configuration, 'use_residual', false),
    weightsFile: await findWeights(folder),
  };
}

function readActivation({ file, values }: Configuration): string {
  return activationOf('activation_function' in values ? values.activation_function : 'torch.nn.Tanh', file);
}

/**
 * Returns the last part of a class path such as `torch.nn.modules.activation.Tanh`; `file` is the
 * file that holds the path. Errors: MODEL_UNSUPPORTED.
 */
export function activationOf(path: unknown, file: string): string {
  const name = typeof path === 'string' ? /^torch\.nn\.(?:modules\.\w+\.)?(\w+)$/.exec(path)?.[1] : undefined;
  if (DENSE_ACTIVATIONS.some((known) => known === name)) return name!;
  throw modelUnsupported(file, `the activation ${JSON.stringify(path)} is not supported`);
}

/**
 * Modules can also be configured to work on other values than the sentence's vector, such as the
 * vectors of its tokens. They are refused.
 */
function assertSentenceLayer({ file, values }: Configuration): void {
  for (const key of ['module_input_name', 'module_output_name']) {
    const name = values[key] ?? 'sentence_embedding';
    if (name !== 'sentence_embedding')
      throw modelUnsupported(file, `the ${key} ${JSON.stringify(name)} is not supported`);
  }
}
