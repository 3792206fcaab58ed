import { findCrossEncoder } from '../../engine/model/cross-encoder/find-cross-encoder.js';
import { assertOneLabel } from '../../engine/model/cross-encoder/onnx-cross-encoder.js';
import type { CrossEncoderModel } from '../../engine/model/cross-encoder.js';

/**
 * Finds the cross-encoder that a plan names. It is checked but not loaded. Errors: those of
 * `findCrossEncoder`; USAGE for one with several labels.
 */
export async function findReranker(source: string): Promise<CrossEncoderModel> {
  const model = await findCrossEncoder({ source });
  assertOneLabel(model.signature);
  await model.check();
  return model;
}
