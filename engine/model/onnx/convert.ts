import { createHash } from 'node:crypto';
import { access, mkdir, readdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../../core/canonical-json.js';
import type { ModelSignature } from '../../../core/model-signature.js';
import { cacheFolder } from '../../cache-folder.js';
import { modelUnsupported } from '../model-errors.js';
import { type ModelFolder, readModelFolder } from '../model-folder.js';
import { SafetensorsFile } from '../safetensors.js';
import { GraphBuilder } from './graph-builder.js';
import { GRAPH_NAMES } from './graph-names.js';
import { writeModel } from './model-writer.js';
import { normalizeRows, POOLING_GRAPHS } from './poolings.js';
import { Weights } from './weights.js';

/** Raised whenever the graph of an unchanged model changes, so that no cached graph of an older kind is used. */
const GRAPH_VERSION = 1;
/** A partial file this old, in milliseconds, belongs to a process that was killed. */
const ABANDONED_AFTER = 3_600_000;
/** float32's lowest finite number, which PyTorch adds to the scores of padding. */
const LOWEST_FLOAT32 = -3.4028234663852886e38;

/**
 * Writes the model of a sentence-transformers folder as one ONNX graph, pooling and normalisation inside it.
 * The file appears whole or not at all. Errors: those of `readModelFolder` and of the weights file.
 */
export async function convertModel(folder: string, outFile: string): Promise<void> {
  await writeGraph(await readModelFolder(folder), outFile);
}

/**
 * The cached graph of a model, written first where it is missing. Two processes may do so at once: both write the same
 * bytes under a name of their own, and the later rename changes nothing.
 * @returns the graph's path
 */
export async function ensureGraph(model: ModelFolder, signature: ModelSignature): Promise<string> {
  const { architecture, parameters, weightsSha256, pooling, normalize } = signature;
  const identity = { architecture, parameters, weightsSha256, pooling, normalize, GRAPH_VERSION };
  const key = createHash('sha256').update(canonicalJson(identity)).digest('hex');
  const file = join(cacheFolder(), 'graphs', `${key}.onnx`);
  const present = await access(file).then(
    () => true,
    () => false,
  );
  if (!present) {
    await mkdir(dirname(file), { recursive: true });
    await removeAbandoned(dirname(file));
    await writeGraph(model, file);
  }
  return file;
}

/** Errors: MODEL_INVALID and MODEL_UNSUPPORTED, where the weights cannot become a graph. Reads their header only. */
export async function checkWeights(model: ModelFolder): Promise<void> {
  await withGraph(model, async () => undefined);
}

async function writeGraph(model: ModelFolder, outFile: string): Promise<void> {
  await withGraph(model, (builder) => writeModel(builder, outFile, `graph ${GRAPH_VERSION}`));
}

/** Lays the graph out for `use`, which may still read the weights. */
async function withGraph(model: ModelFolder, use: (builder: GraphBuilder) => Promise<void>): Promise<void> {
  const file = await SafetensorsFile.open(model.weightsFile);
  try {
    const { weightPrefixes, probeTensor } = model.architecture;
    const prefix = weightPrefixes.find((candidate) => file.tensors.has(`${candidate}${probeTensor}`));
    if (prefix === undefined)
      throw modelUnsupported(
        model.weightsFile,
        `the weights hold no tensor "${probeTensor}" of the architecture`,
      );
    const builder = new GraphBuilder();
    buildGraph(builder, new Weights(file, builder, prefix), model);
    await use(builder);
  } finally {
    await file.close();
  }
}

function buildGraph(builder: GraphBuilder, weights: Weights, model: ModelFolder): void {
  const inputIds = builder.input(GRAPH_NAMES.inputIds, 'int64', ['rows', 'columns']);
  const attentionMask = builder.input(GRAPH_NAMES.attentionMask, 'int64', ['rows', 'columns']);
  const mask = builder.add('Cast', [attentionMask], { to: { int: 1 } });
  const lowest = builder.add('Mul', [
    builder.add('Sub', [builder.scalar(1), mask]),
    builder.scalar(LOWEST_FLOAT32),
  ]);
  const maskBias = builder.add('Unsqueeze', [lowest, builder.integers(1, 2)]);
  const hidden = model.encoder.build(builder, weights, { inputIds, maskBias });
  const pooled = model.pooling.map((pooling) => POOLING_GRAPHS[pooling](builder, { hidden, mask }));
  const joined = pooled.length === 1 ? pooled[0]! : builder.add('Concat', pooled, { axis: { int: 1 } });
  builder.output(GRAPH_NAMES.output, model.normalize ? normalizeRows(builder, joined) : joined, [
    'rows',
    model.encoder.hiddenSize * model.pooling.length,
  ]);
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.partial')) continue;
    const file = join(folder, name);
    const modified = await stat(file).catch(() => undefined);
    if (modified && Date.now() - modified.mtimeMs > ABANDONED_AFTER)
      await unlink(file).catch(() => undefined);
  }
}
