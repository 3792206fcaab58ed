import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import type { LayerSignature } from '../../core/model-signature.js';
import { fileExists } from '../../engine/files/file-exists.js';
import { findCrossEncoder } from '../../engine/model/cross-encoder/find-cross-encoder.js';
import { resolveModel } from '../../engine/model/fetch/resolve-model.js';
import { findModel } from '../../engine/model/find/find-model.js';
import { kindOfModel } from '../../engine/model/folder/model-kind.js';
import { convertModel } from '../../engine/model/transformer/transformer-model.js';
import type { CommandGroup, CommandInput, GroupedCommand } from '../define-command.js';
import { count } from '../job/progress-line.js';
import { FILE_OPTION, MODEL_OPTIONS, modelChoice } from '../model-options.js';
import { chosenModel } from '../model-settings.js';
import { nonEmpty } from '../option-values.js';
import { fieldLines } from '../print.js';
import { distill } from './distill.js';
import { listModels } from './list-models.js';
import { pullCommand } from './pull-model.js';
import { pushCommand } from './push-model.js';
import { removeCommand } from './remove-model.js';

const convert: GroupedCommand = {
  usage: 'convert <model>',
  summary: 'Write the ONNX graph of a model, with pooling and normalisation inside it.',
  examples: [
    'vectormill model convert all-MiniLM-L6-v2',
    'vectormill model convert ./my-model --output my-model.onnx --overwrite',
    'vectormill model convert all-MiniLM-L6-v2 --precision int8',
  ],
  options: [
    {
      flags: '--output <file>',
      description: 'file to write (default: the cache, where embedding looks for it)',
      parse: nonEmpty,
    },
    { flags: '--overwrite', description: 'replace an output file that is there already' },
    ...MODEL_OPTIONS,
  ],
  async run({ arguments: [model = ''], options, json }) {
    const folder = await resolveModel(model);
    const outFile = await freeFile(options.output, options.overwrite === true);
    const graph = await convertModel(folder, modelChoice(options), outFile);
    const { size: bytes } = await stat(graph);
    console.log(json ? JSON.stringify({ model: folder, graph, bytes }) : `${graph} (${count(bytes)} bytes)`);
    return 0;
  },
};

const show: GroupedCommand = {
  usage: 'show <model>',
  summary:
    'Print what fixes the vectors or scores of a model: its signature and fingerprint, and where it lies.',
  examples: [
    'vectormill model show all-MiniLM-L6-v2',
    'vectormill model show ./my-model --max-tokens 128 --json',
    'vectormill model show ./my-model --file onnx/model_quantized.onnx',
  ],
  options: [...MODEL_OPTIONS, FILE_OPTION],
  async run({ arguments: [model = ''], options, json }) {
    const { signature, fingerprint, location } = await describeModel(model, options);
    if (json) {
      console.log(JSON.stringify({ folder: location, fingerprint, signature }));
      return 0;
    }
    const { name, parameters, ...others } = signature;
    const absent = { prompts: undefined, layers: undefined, ranges: undefined };
    const { prompts = {}, layers = [], ranges, ...rest } = { ...absent, ...others };
    const values: [string, unknown][] = [
      [location.includes('://') ? 'address' : 'folder', location],
      ['fingerprint', fingerprint],
      ...Object.entries(rest),
      ...layers.map((layer, index): [string, unknown] => [`layer ${index + 1}`, describeLayer(layer)]),
      ...Object.entries(prompts).map(([kind, text]): [string, string] => [
        `prompt ${kind}`,
        JSON.stringify(text),
      ]),
      ...Object.entries(parameters),
      ...(ranges
        ? [
            ['ranges', `of the inputs of ${counted(Object.keys(ranges).length, 'product')}`] as [
              string,
              string,
            ],
          ]
        : []),
    ];
    console.log([name, ...fieldLines(values.map(([label, value]) => [label, String(value)]))].join('\n'));
    return 0;
  },
};

/**
 * Describes a model of either kind. Errors: those of the model, and MODEL_UNSUPPORTED for an option
 * that a cross-encoder does not have.
 */
async function describeModel(source: string, options: CommandInput['options']) {
  const { maxTokens, dimensions, precision } = modelChoice(options);
  // A folder whose kind cannot be told here is not a cross-encoder's. The code below finds or
  // refuses it.
  const kind = await resolveModel(source)
    .then(kindOfModel)
    .catch(() => 'embedder');
  if (kind === 'cross-encoder' && dimensions === undefined && precision === undefined)
    return findCrossEncoder({ source, maxTokens });
  return findModel(await chosenModel(source, options));
}

export const modelCommands: CommandGroup = {
  commands: [pullCommand, listModels, removeCommand, pushCommand, convert, distill, show],
};

function describeLayer(layer: LayerSignature): string {
  if (layer.kind === 'normalize') return 'normalize';
  const { inputs, outputs, activation, bias, residual, weightsSha256 } = layer;
  const options = `${bias ? '' : ', no bias'}${residual ? ', residual' : ''}`;
  return `dense, ${inputs} to ${outputs}, ${activation}${options}, weights ${weightsSha256}`;
}

/** Errors: OUTPUT_EXISTS. */
async function freeFile(output: unknown, overwrite: boolean): Promise<string | undefined> {
  if (typeof output !== 'string') return undefined;
  const file = resolve(output);
  if (overwrite || !(await fileExists(file))) return file;
  throw new VectormillError('OUTPUT_EXISTS', `${file} is there already`, {
    component: 'model',
    file,
    remedy: 'Name another --output, or give --overwrite.',
  });
}
