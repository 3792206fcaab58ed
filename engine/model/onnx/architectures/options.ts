import { type Configuration, readCount } from '../../folder/configuration.js';
import { modelInvalid, modelUnsupported } from '../../model-errors.js';
import { ACTIVATIONS } from '../activations.js';

/** Refuses each named option of config.json that is switched on. Errors: MODEL_UNSUPPORTED. */
export function refuseOptions({ file, values }: Configuration, options: readonly string[]): void {
  for (const option of options)
    if (values[option]) throw modelUnsupported(file, `the option ${option} is not supported`);
}

/** Refuses any positions but learned absolute ones. Errors: MODEL_UNSUPPORTED. */
export function refuseRelativePositions({ file, values }: Configuration): void {
  const type = values.position_embedding_type ?? 'absolute';
  if (type !== 'absolute')
    throw modelUnsupported(file, `position_embedding_type ${JSON.stringify(type)} is not supported`);
}

/**
 * Reads a name of `ACTIVATIONS`; `fallback` is used for a missing key. Errors: MODEL_UNSUPPORTED.
 */
export function readActivation(configuration: Configuration, key: string, fallback?: string): string {
  const activation = configuration.values[key] ?? fallback;
  if (typeof activation === 'string' && Object.hasOwn(ACTIVATIONS, activation)) return activation;
  throw modelUnsupported(configuration.file, `the activation ${JSON.stringify(activation)} is not supported`);
}

/**
 * Reads the model's size and its number of heads, which must divide the size. Errors:
 * MODEL_INVALID, MODEL_UNSUPPORTED.
 */
export function readHeads(
  configuration: Configuration,
  keys: { size: string; heads: string } = { size: 'hidden_size', heads: 'num_attention_heads' },
): { hiddenSize: number; heads: number } {
  const hiddenSize = readCount(configuration, keys.size);
  const heads = readCount(configuration, keys.heads);
  if (hiddenSize % heads !== 0)
    throw modelUnsupported(
      configuration.file,
      `${keys.size} ${hiddenSize} is not a multiple of ${heads} heads`,
    );
  return { hiddenSize, heads };
}

/**
 * Reads the kind of attention of each layer: `layer_types`, or `fallback(layer)` where there is no
 * such list. Errors: MODEL_UNSUPPORTED for a kind that is not in `known`, MODEL_INVALID for another
 * number of layers.
 */
export function readLayerTypes<Kind extends string>(
  { file, values }: Configuration,
  layers: number,
  known: readonly Kind[],
  fallback: (layer: number) => Kind,
): Kind[] {
  const types = values.layer_types ?? Array.from({ length: layers }, (_, layer) => fallback(layer));
  if (!Array.isArray(types) || types.length !== layers)
    throw modelInvalid(file, `"layer_types" is not a list of ${layers} layers`);
  return types.map((type: unknown) => {
    const kind = known.find((name) => name === type);
    if (kind) return kind;
    throw modelUnsupported(file, `the layer type ${JSON.stringify(type)} is not supported`);
  });
}
