import type { BatchingOptions } from '../../../core/batching.js';
import { VectormillError } from '../../../core/errors.js';
import type { ModelSignature } from '../../../core/model-signature.js';
import type { Model } from '../model.js';
import type { SignatureOptions } from '../signature-options.js';
import { describeOnnxModel } from '../transformer/describe-onnx-model.js';
import { openTokenizer } from '../transformer/model-tokenizer.js';
import { signatureOf } from '../transformer/signature.js';
import { type ExportFolder, readExportFolder } from './export-folder.js';
import { checkHead, ensureHead } from './export-head.js';
import { dependsOnBatch, exportPrecisionOf, vocabularyOf } from './export-numbers.js';

/**
 * A part that is computed again must hold the same vectors, whichever rows are then in a batch
 * together.
 */
const ONE_ROW: BatchingOptions = { tokenBudget: 1, paddingBudget: 0 };

/**
 * Returns a model from a sentence-transformers folder whose encoder is `file`, a graph that another
 * tool exported. The graph gets its inputs by the names and types that it declares. The folder's
 * own pooling, layers, prompts and limits are applied to its output. Errors: those of
 * `readExportFolder` and `signatureOf`; USAGE for a precision that the file does not have.
 */
export async function exportModel(folder: string, file: string, options: SignatureOptions): Promise<Model> {
  const model = await readExportFolder(folder, file);
  const precision = exportPrecisionOf(model.graph);
  if (options.precision !== undefined && options.precision !== precision)
    throw otherPrecision(file, precision, options.precision);
  const signature = await exportSignature(model, { ...options, precision });
  return describeOnnxModel({
    signature,
    location: folder,
    tokenizer: () => openTokenizer(model, vocabularyOf(model.graph)),
    check: () => checkHead(model, signature),
    graphFile: () => ensureHead(model, signature),
    includePrompt: model.pooling.includePrompt,
    encoder: {
      file,
      inputs: model.inputs,
      output: model.output.name,
      firstPosition: model.firstPosition,
    },
    ...(dependsOnBatch(model.graph) ? { batching: ONE_ROW } : {}),
  });
}

/**
 * Returns the signature of an export. The graph itself is the architecture, so that only what lies
 * outside the file is a parameter.
 */
function exportSignature(model: ExportFolder, options: SignatureOptions): Promise<ModelSignature> {
  const asksForPositions = model.inputs.some(({ role }) => role === 'positions');
  const { output, size, firstPosition, maxPositions } = model;
  const parameters = {
    output: output.name,
    hiddenSize: size,
    ...(asksForPositions ? { firstPosition } : {}),
  };
  return signatureOf(
    {
      ...model,
      architectureName: 'onnx',
      encoder: { maxPositions, parameters },
      weightsFile: model.graph.file,
      dataFiles: model.graph.dataFiles,
    },
    options,
  );
}

function otherPrecision(file: string, found: string, asked: string): VectormillError {
  return new VectormillError('USAGE', `the export computes with ${found}, not with ${asked}`, {
    component: 'model',
    file,
    remedy: 'Leave the precision away, or name another file of the folder.',
  });
}
