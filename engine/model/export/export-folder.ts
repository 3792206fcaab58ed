import { basename, join, resolve } from 'node:path';
import { fileExists } from '../../files/file-exists.js';
import {
  type Configuration,
  readConfiguration,
  readCount,
  readOptionalConfiguration,
} from '../folder/configuration.js';
import { readModules } from '../folder/modules.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';
import type { Encoder } from '../onnx/architecture.js';
import { architectureOf } from '../onnx/architectures/architecture-of.js';
import type { ExportInput } from '../session/session-task.js';
import { readSentenceFolder, type SentenceFolder } from '../transformer/model-folder.js';
import { type ExportOutput, readInputs, readOutput } from './export-border.js';
import { type OnnxGraphOutline, readOnnxGraph } from './read-onnx-graph.js';

/** A sentence-transformers folder whose encoder is an ONNX file. */
export interface ExportFolder extends SentenceFolder {
  graph: OnnxGraphOutline;
  inputs: readonly ExportInput[];
  output: ExportOutput;
  /** The number of values in a token's state, or in a vector where the export pools. */
  size: number;
  maxPositions: number;
  /** The number of a row's first position, where the export has an input for positions. */
  firstPosition: number;
}

/**
 * The greatest limit of tokens that is taken for a real one. A larger number stands for no limit.
 */
const MAX_TOKENS = 1_000_000;

/**
 * Reads the folder of an exported encoder. The file itself declares its inputs and outputs, so that
 * config.json may name any architecture. modules.json must say how states become vectors, because
 * pooling is never guessed. Errors: those of `readOnnxGraph` and `readSentenceFolder`;
 * MODEL_UNSUPPORTED naming an input, an output or what is not known.
 */
export async function readExportFolder(folder: string, file: string): Promise<ExportFolder> {
  const root = resolve(folder);
  const modulesFile = join(root, 'modules.json');
  if (!(await fileExists(modulesFile)))
    throw modelUnsupported(
      modulesFile,
      `${basename(file)} without a modules.json beside it is not supported: how its states become one vector is not known`,
    );
  const modules = await readModules(modulesFile);
  const graph = await readOnnxGraph(file);
  const [inputs, output] = [readInputs(graph), readOutput(graph)];
  const configuration = await readOptionalConfiguration(join(root, modules.transformer, 'config.json'));
  const positions = positionsOf(configuration);
  const hiddenSize = await hiddenSizeOf(output, join(root, modules.pooling, 'config.json'));
  const sentence = await readSentenceFolder(root, modules, configuration, { ...positions, hiddenSize });
  assertPooling(sentence, output, file);
  if (sentence.maxTokens > MAX_TOKENS)
    throw modelInvalid(
      configuration.file,
      'neither it nor the files beside it say how many tokens a row may have',
    );
  return {
    ...sentence,
    graph,
    inputs,
    output,
    size: output.holds === 'states' ? hiddenSize : sentence.dimensions,
    maxPositions: Math.min(positions.maxPositions, MAX_TOKENS),
    firstPosition: positions.reservedPositions ?? 0,
  };
}

/**
 * Returns the positions as a known architecture counts them, and otherwise as many as the
 * configuration names.
 */
function positionsOf(configuration: Configuration): Pick<Encoder, 'maxPositions' | 'reservedPositions'> {
  try {
    return architectureOf(configuration).architecture.describe(configuration);
  } catch {
    const { max_position_embeddings: positions } = configuration.values;
    return {
      maxPositions: typeof positions === 'number' && positions > 0 ? positions : Number.POSITIVE_INFINITY,
    };
  }
}

/**
 * Returns the size of the output's states. Where the file does not say it, or pools itself, it is
 * the size that the pooling's configuration names.
 */
async function hiddenSizeOf({ holds, size }: ExportOutput, poolingFile: string): Promise<number> {
  if (holds === 'states' && size !== undefined) return size;
  const pooling = await readConfiguration(poolingFile);
  const key = 'embedding_dimension' in pooling.values ? 'embedding_dimension' : 'word_embedding_dimension';
  return readCount(pooling, key);
}

/** Checks vectors that the export has pooled itself against what the folder's modules describe. */
function assertPooling(folder: SentenceFolder, { name, holds, size }: ExportOutput, file: string): void {
  if (holds === 'states') return;
  if (!folder.pooling.includePrompt)
    throw modelUnsupported(
      file,
      `the output "${name}" cannot leave a prompt out of pooling (include_prompt)`,
    );
  if (size !== undefined && size !== folder.dimensions)
    throw modelInvalid(
      file,
      `the output "${name}" has ${size} numbers, but the vectors of the folder's modules ${folder.dimensions}`,
    );
}
