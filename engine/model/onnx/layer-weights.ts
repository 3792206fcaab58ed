import type { Layer } from '../folder/layer-configuration.js';
import { openWeights, type StoredTensors } from '../folder/sharded-weights.js';
import type { OnnxGraphBuilder } from './onnx-graph-builder.js';
import { Weights } from './weights.js';

/** Opens a weights file, or the shards that an index names. */
type OpenWeights = (path: string) => Promise<StoredTensors>;

/** Runs `use`, and then closes every file that it opened. */
export async function withWeightsFiles(use: (open: OpenWeights) => Promise<void>): Promise<void> {
  const opened: StoredTensors[] = [];
  try {
    await use(async (path) => {
      const file = await openWeights(path);
      opened.push(file);
      return file;
    });
  } finally {
    for (const file of opened) await file.close();
  }
}

/**
 * Returns the source of each dense layer's tensors, by the layer's number. Errors: those of
 * `openWeights`.
 */
export async function layerWeights(
  layers: readonly Layer[],
  builder: OnnxGraphBuilder,
  open: OpenWeights,
): Promise<(layer: number) => Weights> {
  const ofLayers = new Map<number, Weights>();
  for (const [index, layer] of layers.entries())
    if (layer.kind === 'dense')
      ofLayers.set(index, new Weights(await open(layer.weightsFile), builder, '', `layer.${index}.`));
  return (layer) => ofLayers.get(layer)!;
}
