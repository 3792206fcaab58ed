import { join } from 'node:path';
import { fileExists } from '../../files/file-exists.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';

/** This file names the files over which weights are spread. */
export const WEIGHTS_INDEX = 'model.safetensors.index.json';

const OTHER_FORMATS = ['pytorch_model.bin.index.json', 'pytorch_model.bin'];

/**
 * Returns the path of a folder's `model.safetensors`, or of the index of its shards. Errors:
 * MODEL_UNSUPPORTED naming another format or an adapter, MODEL_INVALID where there are no weights.
 */
export async function findWeights(folder: string): Promise<string> {
  const adapter = join(folder, 'adapter_config.json');
  if (await fileExists(adapter))
    throw modelUnsupported(
      adapter,
      'an adapter that changes the weights is not supported',
      'Merge it into the weights (`merge_and_unload()` of peft), save the model and take adapter_config.json away.',
    );
  const file = join(folder, 'model.safetensors');
  for (const found of [file, join(folder, WEIGHTS_INDEX)]) if (await fileExists(found)) return found;
  for (const other of OTHER_FORMATS)
    if (await fileExists(join(folder, other)))
      throw modelUnsupported(
        join(folder, other),
        `weights as ${other} are not supported, only model.safetensors`,
      );
  throw modelInvalid(file, 'the model folder lacks model.safetensors');
}
