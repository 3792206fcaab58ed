import type { Precision } from '../../../core/model-signature.js';
import { DATA_TYPE } from '../onnx/onnx-format.js';
import type { OnnxGraphOutline } from './read-onnx-graph.js';

/** Operators that multiply bytes, and operators that turn the inputs of a product into bytes. */
const BYTE_OPERATORS = new Set([
  'MatMulInteger',
  'MatMulIntegerToFloat',
  'DynamicQuantizeMatMul',
  'QLinearMatMul',
  'QGemm',
  'QAttention',
  'DynamicQuantizeLinear',
  'QuantizeLinear',
]);

/**
 * Returns the precision of an export's products: int8 where their inputs are turned into bytes,
 * float16 where most weights are float16, and otherwise float32. Weights that alone have fewer bits
 * (`MatMulNBits`, `DequantizeLinear`) are widened before a product.
 */
export function exportPrecisionOf({ nodes, elements }: OnnxGraphOutline): Precision {
  if (nodes.some(({ operator }) => BYTE_OPERATORS.has(operator))) return 'int8';
  const count = (type: number) => elements.get(type) ?? 0;
  return count(DATA_TYPE.float16) > count(DATA_TYPE.float32) ? 'float16' : 'float32';
}

/**
 * Operators that measure the range of a whole batch, so that a row's bytes depend on the other
 * rows.
 */
const MEASURING_OPERATORS = new Set(['DynamicQuantizeLinear', 'DynamicQuantizeMatMul']);

/** Returns whether a row's result depends on its batch by more than rounding. */
export function dependsOnBatch({ nodes }: OnnxGraphOutline): boolean {
  return nodes.some(({ operator }) => MEASURING_OPERATORS.has(operator));
}

/**
 * Operators that look up rows in a table. The numbers are the places of the table and of the row
 * numbers among their inputs.
 */
const LOOKUP_OPERATORS: Readonly<Record<string, { table: number; rows: number }>> = {
  Gather: { table: 0, rows: 1 },
  GatherBlockQuantized: { table: 0, rows: 1 },
  EmbedLayerNormalization: { table: 2, rows: 0 },
};

/**
 * Returns the number of rows of the table in which tokens are looked up; all ids are below this
 * number. Undefined where the file stores no such table.
 */
export function vocabularyOf({ nodes, tensors }: OnnxGraphOutline): number | undefined {
  const tokens = new Set(['input_ids']);
  for (const { operator, inputs, outputs } of nodes)
    if (operator === 'Cast' && tokens.has(inputs[0] ?? '')) tokens.add(outputs[0] ?? '');
  for (const { operator, inputs } of nodes) {
    const places = LOOKUP_OPERATORS[operator];
    if (!places || !tokens.has(inputs[places.rows] ?? '')) continue;
    const table = tensors.get(inputs[places.table] ?? '');
    if (table) return table.shape[0];
  }
  return undefined;
}
