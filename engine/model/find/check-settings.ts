import { join } from 'node:path';
import { isVectormillError } from '../../../core/errors.js';
import { readCrossEncoderFolder } from '../cross-encoder/cross-encoder-folder.js';
import { kindOfModel } from '../folder/model-kind.js';
import { readModules } from '../folder/modules.js';
import { isStaticFolder } from '../static/static-folder.js';
import { readModelFolder } from '../transformer/model-folder.js';

/**
 * Refuses a folder whose settings say that the model cannot be computed. Its weights may be
 * missing, so that a model of many gigabytes is refused before they are fetched. Errors:
 * MODEL_UNSUPPORTED, MODEL_INVALID.
 */
export async function checkModelSettings(folder: string): Promise<void> {
  if (await isStaticFolder(folder)) return;
  const isCrossEncoder = (await kindOfModel(folder)) === 'cross-encoder';
  // Without modules.json, nothing that comes later could say how vectors are made.
  if (!isCrossEncoder) await readModules(join(folder, 'modules.json'));
  try {
    await (isCrossEncoder ? readCrossEncoderFolder : readModelFolder)(folder);
  } catch (error) {
    // What is only missing, such as the weights, may come yet.
    if (!isVectormillError(error) || error.code !== 'MODEL_INVALID') throw error;
  }
}
