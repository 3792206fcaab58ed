import { modelUnsupported } from '../model-errors.js';
import { DATA_TYPE, type DeclaredValue } from '../onnx/onnx-format.js';
import type { ExportInput, InputRole } from '../session/session-task.js';
import type { OnnxGraphOutline } from './read-onnx-graph.js';

/** The roles of the inputs of an exported encoder, by the names that exporters use. */
const ROLES: Readonly<Record<string, InputRole>> = {
  input_ids: 'tokens',
  attention_mask: 'mask',
  token_type_ids: 'segments',
  position_ids: 'positions',
};

/** The output that is read. */
export interface ExportOutput {
  name: string;
  /**
   * Token states `[rows, columns, size]`, or vectors `[rows, size]` that the export has pooled
   * itself.
   */
  holds: 'states' | 'vectors';
  type: 'float32' | 'float16';
  /** Undefined where the file does not say it. */
  size: number | undefined;
}

/**
 * Token states come first, because the folder decides about pooling, whatever else an export
 * computes.
 */
const OUTPUTS: readonly { name: string; holds: ExportOutput['holds'] }[] = [
  { name: 'last_hidden_state', holds: 'states' },
  { name: 'token_embeddings', holds: 'states' },
  { name: 'sentence_embedding', holds: 'vectors' },
];

/**
 * Returns the inputs of an exported encoder, by the names and types that it declares. Errors:
 * MODEL_UNSUPPORTED naming an input that is unknown, missing, or of another type or shape.
 */
export function readInputs({ file, inputs }: OnnxGraphOutline): ExportInput[] {
  const read = inputs.map((input): ExportInput => {
    const { name } = input;
    const role = Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
    if (role === undefined) throw modelUnsupported(file, `the input "${name}" is not supported`);
    const type = (['int64', 'int32'] as const).find((known) => DATA_TYPE[known] === input.type);
    if (type === undefined)
      throw modelUnsupported(file, `the input "${name}" of type ${typeName(input.type)} is not supported`);
    assertFree(file, input);
    return { name, role, type };
  });
  for (const name of ['input_ids', 'attention_mask'])
    if (!inputs.some((input) => input.name === name))
      throw modelUnsupported(file, `a graph without the input "${name}" is not supported`);
  return read;
}

/**
 * Refuses an input of fixed shape, because the numbers of rows and columns vary from batch to
 * batch.
 */
function assertFree(file: string, { name, shape }: DeclaredValue): void {
  if (shape !== undefined && (shape.length !== 2 || shape.some((size) => typeof size === 'number')))
    throw modelUnsupported(
      file,
      `the input "${name}" of the fixed shape [${shape.map((size) => size ?? '?').join(', ')}] is not supported`,
    );
}

/**
 * Returns the output that is read. Errors: MODEL_UNSUPPORTED where no output has a known name, or
 * where the known output is of another type or shape.
 */
export function readOutput({ file, outputs }: OnnxGraphOutline): ExportOutput {
  for (const { name, holds } of OUTPUTS) {
    const output = outputs.find((candidate) => candidate.name === name);
    if (!output) continue;
    const type = (['float32', 'float16'] as const).find((known) => DATA_TYPE[known] === output.type);
    const rank = holds === 'states' ? 3 : 2;
    if (type === undefined || (output.shape !== undefined && output.shape.length !== rank))
      throw modelUnsupported(
        file,
        `the output "${name}" of type ${typeName(output.type)} with ${output.shape?.length ?? '?'} axes is not supported`,
      );
    const size = output.shape?.at(-1);
    return { name, holds, type, size: typeof size === 'number' && size > 0 ? size : undefined };
  }
  const names = outputs.map(({ name }) => JSON.stringify(name)).join(', ');
  const known = OUTPUTS.map(({ name }) => name).join(', ');
  throw modelUnsupported(file, `none of its outputs ${names} is supported (supported: ${known})`);
}

function typeName(type: number): string {
  return Object.entries(DATA_TYPE).find(([, number]) => number === type)?.[0] ?? `number ${type}`;
}
