import { type Configuration, readPositiveNumber } from '../../folder/configuration.js';
import { modelInvalid, modelUnsupported } from '../../model-errors.js';

type Values = Readonly<Record<string, unknown>>;

/**
 * Reads the base of the rotary frequencies of one kind of layer. It is in `rope_parameters` (one
 * object for all layers, or one for each kind), in `rope_scaling`, or in `older.key`, the name in
 * versions of transformers before 5. Errors: MODEL_UNSUPPORTED naming any kind of scaling,
 * MODEL_INVALID for a base that is not a positive number.
 */
export function readRotaryBase(
  configuration: Configuration,
  layerType: string,
  older: { key: string; fallback: number },
): number {
  const { values, file } = configuration;
  refuseScaling(file, 'config.json', { partial_rotary_factor: values.partial_rotary_factor });
  const scaling = objectOf(configuration, 'rope_scaling');
  refuseScaling(file, 'rope_scaling', scaling);
  const all = objectOf(configuration, 'rope_parameters');
  refuseScaling(file, 'rope_parameters', all);
  const own = objectOf({ file, values: all }, layerType);
  refuseScaling(file, `rope_parameters of ${layerType}`, own);
  const theta = scaling.rope_theta ?? own.rope_theta ?? all.rope_theta ?? values[older.key];
  return readPositiveNumber({ file, values: { rope_theta: theta } }, 'rope_theta', older.fallback);
}

function objectOf({ file, values }: Configuration, key: string): Values {
  const value = values[key] ?? {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw modelInvalid(file, `"${key}" is not a JSON object`);
  return value as Values;
}

function refuseScaling(file: string, place: string, values: Values): void {
  const type = values.rope_type ?? values.type ?? 'default';
  if (type !== 'default')
    throw modelUnsupported(file, `${place} of the type ${JSON.stringify(type)} is not supported`);
  const fraction = values.partial_rotary_factor ?? 1;
  if (fraction !== 1)
    throw modelUnsupported(file, `partial_rotary_factor ${JSON.stringify(fraction)} is not supported`);
}
