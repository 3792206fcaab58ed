import { VectormillError } from '../../core/errors.js';
import type { ByteSource } from '../../engine/corpus/byte-source.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { findModel } from '../../engine/model/find-model.js';
import { probeProvider } from '../../engine/model/probe-provider.js';
import { writeTextVectorFile } from '../../engine/parquet/text-vector-file.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { splitUri } from '../../engine/store/open-store.js';
import { type StoreOpener, storeCache } from '../../engine/store/store-cache.js';
import { checkPlace } from '../dataset-argument.js';
import type { CommandDefinition, CommandInput } from '../define-command.js';
import { choosePrompt, countTexts, encodeTexts } from '../encode/encode-texts.js';
import { count, duration } from '../job/progress-line.js';
import { FILE_OPTION, MODEL_OPTIONS, modelChoice } from '../model-options.js';
import { nonEmpty, shortText } from '../option-values.js';
import { showProgress } from '../progress.js';
import { RESOURCE_OPTIONS, resourceChoice } from '../resource-options.js';

export const encodeCommand: CommandDefinition = {
  usage: 'encode',
  summary: 'Embed the rows `id, text` of a JSONL file into a Parquet file `id, vector`; needs no Temporal.',
  examples: [
    'vectormill encode --model all-MiniLM-L6-v2 --input texts.jsonl --output vectors.parquet',
    'vectormill encode --model ./my-model --file onnx/model_quantized.onnx --input texts.jsonl --output vectors.parquet',
    'vectormill encode --model ./my-model --input s3://bucket/texts.jsonl.gz --output vectors.parquet --max-tokens 32 --prompt "query: " --overwrite --json',
  ],
  options: [
    {
      flags: '--model <name>',
      description: 'a pulled model by name, or a path to its folder',
      required: true,
      parse: nonEmpty,
    },
    {
      flags: '--input <file>',
      description: 'JSONL file, plain, .gz or .zst; a path or s3://bucket/key',
      required: true,
      parse: nonEmpty,
    },
    {
      flags: '--output <file>',
      description: 'Parquet file to write; a path or s3://bucket/key',
      required: true,
      parse: nonEmpty,
    },
    ...MODEL_OPTIONS,
    FILE_OPTION,
    {
      flags: '--prompt <text>',
      description: "text to put before each row, or `query` or `document` for the model's own prompt",
      parse: shortText,
      fallback: '',
    },
    ...RESOURCE_OPTIONS,
    { flags: '--overwrite', description: 'replace an output file that is there already' },
  ],
  async run(command) {
    const stores = storeCache();
    try {
      return await encode(command, stores.open);
    } finally {
      await stores.close();
    }
  },
};

async function encode({ options, json }: CommandInput, openStore: StoreOpener): Promise<number> {
  const startedAt = performance.now();
  const resources = resourceChoice(options);
  await probeProvider(resources.executionProvider);
  const model = await findModel({
    source: String(options.model),
    ...modelChoice(options),
  });
  const input = await openSource(String(options.input), openStore);
  const output = openTarget(String(options.output), openStore);
  const overwrite = options.overwrite === true;
  if (output.uri === input.uri) throw isInput(output.uri);
  if (!overwrite && (await output.store.head(output.key))) throw outputExists(output.uri);
  const rows = await countTexts(input);
  const embedder = await model.open(resources);
  try {
    const encoded = await encodeWithProgress(input, embedder, { rows, prompt: String(options.prompt), json });
    const { signature, fingerprint } = embedder;
    const bytes = writeTextVectorFile(encoded, {
      fingerprint,
      model: signature.name,
      prompt: String(options.prompt),
    });
    const put = await output.store.put(output.key, bytes, overwrite ? {} : { condition: { ifAbsent: true } });
    if (put.outcome === 'refused') throw outputExists(output.uri);
    const { tokens, dimensions } = encoded;
    const elapsedMs = Math.round(performance.now() - startedAt);
    const result = { output: output.uri, rows, tokens, dimensions, bytes: bytes.length, elapsedMs };
    if (json) console.log(JSON.stringify({ ...result, model: signature.name, fingerprint }));
    else
      console.log(
        `${output.uri}: ${count(rows)} vectors of ${dimensions} dimensions from ${count(tokens)} tokens (${duration(elapsedMs)}), fingerprint ${fingerprint.slice(0, 12)}`,
      );
    return 0;
  } finally {
    await embedder.close();
  }
}

async function encodeWithProgress(
  source: ByteSource,
  embedder: Embedder,
  { rows, prompt, json }: { rows: number; prompt: string; json: boolean },
) {
  const progress = showProgress('embedded', 'texts', json);
  try {
    return await encodeTexts(source, embedder, {
      rows,
      prompt: choosePrompt(prompt, embedder),
      onRows: (done) => progress.update(done, rows),
    });
  } finally {
    progress.stop();
  }
}

async function openSource(uri: string, openStore: StoreOpener): Promise<ByteSource> {
  const { store, key, uri: file } = openTarget(uri, openStore);
  const info = await store.head(key);
  if (info) return { uri: file, etag: info.etag, objectBytes: info.size, store, key };
  throw new VectormillError('INPUT_NOT_FOUND', `there is no file ${file}`, {
    component: 'encode',
    file,
    remedy: 'Check --input; it names one JSONL file.',
  });
}

function openTarget(uri: string, openStore: StoreOpener): { store: ObjectStore; key: string; uri: string } {
  const { root, key } = splitUri(checkPlace(uri));
  const store = openStore(root);
  return { store, key, uri: `${store.root}/${key}` };
}

function outputExists(file: string): VectormillError {
  return new VectormillError('OUTPUT_EXISTS', `${file} is there already`, {
    component: 'encode',
    file,
    remedy: 'Name another --output, or give --overwrite.',
  });
}

function isInput(file: string): VectormillError {
  return new VectormillError('USAGE', `${file} is the input and the output`, {
    component: 'encode',
    file,
    remedy: 'Name another --output.',
  });
}
