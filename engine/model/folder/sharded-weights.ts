import { basename, dirname, join } from 'node:path';
import { modelInvalid } from '../model-errors.js';
import { readConfiguration } from './configuration.js';
import { SafetensorsFile, type TensorInfo } from './safetensors.js';
import { WEIGHTS_INDEX } from './weights-file.js';

/**
 * Tensors by name, from one file or several. Errors of `readFloat32` and `close`: those of
 * `SafetensorsFile`.
 */
export interface StoredTensors {
  /** The file that errors name. */
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readFloat32(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens `model.safetensors`, or every shard that an index names. Errors: those of
 * `SafetensorsFile.open`; MODEL_INVALID for an index of another form, and naming a shard that lacks
 * a tensor of the index.
 */
export async function openWeights(path: string): Promise<StoredTensors> {
  if (basename(path) !== WEIGHTS_INDEX) return SafetensorsFile.open(path);
  const { files, fileOf } = await readIndexFile(path);
  const opened: SafetensorsFile[] = [];
  try {
    for (const file of files) opened.push(await SafetensorsFile.open(file));
    return joined(path, opened, fileOf);
  } catch (error) {
    for (const file of opened) await file.close();
    throw error;
  }
}

/**
 * Returns the files that hold the weights, ordered by name. Errors: MODEL_INVALID for an index of
 * another form.
 */
export async function weightsFiles(path: string): Promise<readonly string[]> {
  return basename(path) === WEIGHTS_INDEX ? (await readIndexFile(path)).files : [path];
}

/**
 * Reads the index that transformers writes beside shards. Its `weight_map` goes from each tensor's
 * name to the name of a file in the same folder
 * (https://huggingface.co/docs/transformers/big_models).
 */
async function readIndexFile(
  path: string,
): Promise<{ files: readonly string[]; fileOf: ReadonlyMap<string, string> }> {
  const { values } = await readConfiguration(path);
  const map = values.weight_map;
  if (map === null || typeof map !== 'object' || Array.isArray(map) || Object.keys(map).length === 0)
    throw modelInvalid(path, '"weight_map" names no tensors');
  const fileOf = new Map(
    Object.entries(map).map(([tensor, name]: [string, unknown]) => {
      if (typeof name !== 'string' || !/^[^/\\]+\.safetensors$/.test(name))
        throw modelInvalid(path, `"weight_map" places the tensor "${tensor}" in no safetensors file`);
      return [tensor, join(dirname(path), name)] as const;
    }),
  );
  return { files: [...new Set(fileOf.values())].sort(), fileOf };
}

function joined(
  path: string,
  shards: readonly SafetensorsFile[],
  fileOf: ReadonlyMap<string, string>,
): StoredTensors {
  const shardOf = new Map<string, SafetensorsFile>();
  for (const [tensor, file] of fileOf) {
    const shard = shards.find((candidate) => candidate.path === file)!;
    if (!shard.tensors.has(tensor))
      throw modelInvalid(file, `the shard lacks the tensor "${tensor}" that ${WEIGHTS_INDEX} places in it`);
    shardOf.set(tensor, shard);
  }
  return {
    path,
    tensors: new Map([...shardOf].map(([tensor, shard]) => [tensor, shard.tensors.get(tensor)!])),
    readFloat32: async (tensor) => {
      const shard = shardOf.get(tensor);
      if (!shard) throw modelInvalid(path, `the weights hold no tensor "${tensor}"`);
      return shard.readFloat32(tensor);
    },
    close: async () => {
      for (const shard of shards) await shard.close();
    },
  };
}
