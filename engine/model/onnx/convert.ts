import type { ModelSignature } from '../../../core/model-signature.js';
import { modelUnsupported } from '../model-errors.js';
import { type ModelFolder, readModelFolder } from '../model-folder.js';
import { openWeights, type StoredTensors } from '../sharded-weights.js';
import type { Encoder } from './architecture.js';
import { GraphBuilder, type Value } from './graph-builder.js';
import { cachedGraph } from './graph-cache.js';
import { GRAPH_NAMES } from './graph-names.js';
import { LOWEST_FLOAT32 } from './masks.js';
import { writeModel } from './model-writer.js';
import { DATA_TYPE } from './onnx-format.js';
import { appendHead, type SentenceHead } from './sentence-head.js';
import { Weights } from './weights.js';

/** Raised whenever the graph of an unchanged model changes, so that no cached graph of an older kind is used. */
export const GRAPH_VERSION = 2;

/**
 * Writes the model of a sentence-transformers folder as one ONNX graph, pooling and normalisation inside it.
 * The file appears whole or not at all. Errors: those of `readModelFolder` and of the weights file.
 */
export async function convertModel(folder: string, outFile: string): Promise<void> {
  const model = await readModelFolder(folder);
  await writeGraph(model, model.dimensions, outFile);
}

/**
 * The cached graph of a model, written first where it is missing. Two processes may do so at once: both write the same
 * bytes under a name of their own, and the later rename changes nothing.
 * @returns the graph's path
 */
export async function ensureGraph(model: ModelFolder, signature: ModelSignature): Promise<string> {
  const {
    name: _,
    tokenizerSha256: _tokenizer,
    maxTokens: _limit,
    prompts: _prompts,
    ...computed
  } = signature;
  const identity = { ...computed, GRAPH_VERSION };
  return cachedGraph(identity, (file) => writeGraph(model, signature.dimensions, file));
}

/** Errors: MODEL_INVALID and MODEL_UNSUPPORTED, where the weights cannot become a graph. Reads their headers only. */
export async function checkWeights(model: ModelFolder, dimensions: number): Promise<void> {
  await withGraph(model, dimensions, async () => undefined);
}

async function writeGraph(model: ModelFolder, dimensions: number, outFile: string): Promise<void> {
  await withGraph(model, dimensions, (builder) => writeModel(builder, outFile, `graph ${GRAPH_VERSION}`));
}

/** Lays the graph out for `use`, which may still read the weights. */
async function withGraph(
  model: ModelFolder,
  dimensions: number,
  use: (builder: GraphBuilder) => Promise<void>,
): Promise<void> {
  const opened: StoredTensors[] = [];
  const open = async (path: string) => {
    const file = await openWeights(path);
    opened.push(file);
    return file;
  };
  try {
    const builder = new GraphBuilder();
    const weights = encoderWeights(await open(model.weightsFile), builder, model);
    const ofLayers: (Weights | undefined)[] = [];
    for (const [index, layer] of model.layers.entries())
      ofLayers.push(
        layer.kind === 'dense'
          ? new Weights(await open(layer.weightsFile), builder, '', `layer.${index}.`)
          : undefined,
      );
    buildGraph(builder, weights, model, { dimensions, weightsOf: (layer) => ofLayers[layer]! });
    await use(builder);
  } finally {
    for (const file of opened) await file.close();
  }
}

/** The encoder's tensors in a weights file. Errors: MODEL_UNSUPPORTED where there are none. */
export function encoderWeights(
  file: StoredTensors,
  builder: GraphBuilder,
  model: Pick<ModelFolder, 'architecture' | 'weightsFile'>,
): Weights {
  const { weightPrefixes, probeTensor } = model.architecture;
  const prefix = weightPrefixes.find((candidate) => file.tensors.has(`${candidate}${probeTensor}`));
  if (prefix !== undefined) return new Weights(file, builder, prefix);
  throw modelUnsupported(
    model.weightsFile,
    `the weights hold no tensor "${probeTensor}" of the architecture`,
  );
}

function buildGraph(
  builder: GraphBuilder,
  weights: Weights,
  model: ModelFolder,
  head: Pick<SentenceHead, 'dimensions' | 'weightsOf'>,
): void {
  const tokens = appendEncoder(builder, weights, model.encoder);
  const { pooling, layers, normalize, dimensions: size } = model;
  const vectors = appendHead(builder, tokens, { pooling, layers, normalize, size, ...head });
  builder.output(GRAPH_NAMES.output, vectors, ['rows', head.dimensions]);
}

/**
 * Declares the graph's inputs and appends the encoder; `tokenTypes` says whether the token types are one of them.
 * @returns hidden states `[rows, columns, hiddenSize]`, and float32 `[rows, columns]`: 1 for a token, 0 for padding
 */
export function appendEncoder(
  builder: GraphBuilder,
  weights: Weights,
  encoder: Encoder,
  { tokenTypes = false }: { tokenTypes?: boolean } = {},
): { hidden: Value; mask: Value } {
  const inputIds = builder.input(GRAPH_NAMES.inputIds, 'int64', ['rows', 'columns']);
  const attentionMask = builder.input(GRAPH_NAMES.attentionMask, 'int64', ['rows', 'columns']);
  const mask = builder.add('Cast', [attentionMask], { to: { int: DATA_TYPE.float32 } });
  const lowest = builder.add('Mul', [
    builder.add('Sub', [builder.scalar(1), mask]),
    builder.scalar(LOWEST_FLOAT32),
  ]);
  const maskBias = builder.add('Unsqueeze', [lowest, builder.integers(1, 2)]);
  const types = tokenTypes
    ? { tokenTypes: builder.input(GRAPH_NAMES.tokenTypes, 'int64', ['rows', 'columns']) }
    : {};
  const hidden = encoder.build(builder, weights, { inputIds, attentionMask, maskBias, ...types });
  return { hidden, mask };
}
