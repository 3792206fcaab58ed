/**
 * The ONNX files that are chosen where a folder holds several, in this order. Exporters give these
 * names to the model that is not quantised.
 */
export const PREFERRED_EXPORTS: readonly string[] = ['onnx/model.onnx', 'model.onnx'];
