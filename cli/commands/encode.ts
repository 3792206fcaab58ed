import { counted } from '../../core/counted.js';
import { VECTOR_PRECISIONS, type VectorPrecision } from '../../core/vector-precision.js';
import type { ByteSource } from '../../engine/corpus/byte-source.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { findModel } from '../../engine/model/find/find-model.js';
import { probeExecutionProvider } from '../../engine/model/session/probe-execution-provider.js';
import { writeTextVectorFile } from '../../engine/parquet/text-vector-file.js';
import { type StoreOpener, storeCache } from '../../engine/store/store-cache.js';
import { MODEL_MEANING } from '../argument-meanings.js';
import type { CommandDefinition, CommandInput } from '../define-command.js';
import { choosePrompt, countTexts, encodeTexts } from '../encode/encode-texts.js';
import { openSource, openTarget, writeTarget } from '../file-argument.js';
import { duration } from '../job/progress-line.js';
import { FILE_OPTION, MODEL_OPTIONS } from '../model-options.js';
import { chosenModel } from '../model-settings.js';
import { nonEmpty, oneOf, shortText } from '../option-values.js';
import { showProgress } from '../progress.js';
import { RESOURCE_OPTIONS, resourceChoice } from '../resource-options.js';

export const encodeCommand: CommandDefinition = {
  examples: [
    'vectormill encode --model all-MiniLM-L6-v2 --input texts.jsonl --output vectors.parquet',
    'vectormill encode --model ./my-model --file onnx/model_quantized.onnx --input texts.jsonl --output quantized.parquet',
    'vectormill encode --model ./my-model --input s3://bucket/texts.jsonl.gz --output vectors.parquet --max-tokens 32 --prompt "query: " --overwrite --json',
    'vectormill encode --model all-MiniLM-L6-v2 --input texts.jsonl --output int8.parquet --vector-precision int8',
  ],
  options: [
    {
      flags: '--model <name>',
      description: MODEL_MEANING,
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
    {
      flags: '--vector-precision <name>',
      description: `what each number is stored as: ${VECTOR_PRECISIONS.join(', ')}; int8 and uint8 by the ranges of these rows, kept in the footer`,
      parse: oneOf(VECTOR_PRECISIONS),
      fallback: 'float32',
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
  await probeExecutionProvider(resources.executionProvider);
  const model = await findModel(await chosenModel(String(options.model), options));
  const place = { component: 'encode', overwrite: options.overwrite === true };
  const input = await openSource(String(options.input), openStore, { ...place, option: '--input' });
  const output = await openTarget(String(options.output), openStore, { ...place, input });
  const rows = await countTexts(input);
  const embedder = await model.open(resources);
  try {
    const encoded = await encodeWithProgress(input, embedder, {
      rows,
      prompt: String(options.prompt),
      precision: options.vectorPrecision as VectorPrecision,
      json,
    });
    const { signature, fingerprint } = embedder;
    const bytes = writeTextVectorFile(encoded, {
      fingerprint,
      model: signature.name,
      prompt: String(options.prompt),
    });
    await writeTarget(output, bytes, place);
    const { tokens, dimensions, encoding } = encoded;
    const { precision: vectorPrecision } = encoding;
    const elapsedMs = Math.round(performance.now() - startedAt);
    const result = {
      output: output.uri,
      rows,
      tokens,
      dimensions,
      vectorPrecision,
      bytes: bytes.length,
      elapsedMs,
    };
    if (json) console.log(JSON.stringify({ ...result, model: signature.name, fingerprint }));
    else
      console.log(
        `${output.uri}: ${counted(rows, 'vector')} of ${counted(dimensions, 'dimension')} in ${vectorPrecision} from ${counted(tokens, 'token')} (${duration(elapsedMs)}), fingerprint ${fingerprint.slice(0, 12)}`,
      );
    return 0;
  } finally {
    await embedder.close();
  }
}

async function encodeWithProgress(
  source: ByteSource,
  embedder: Embedder,
  {
    rows,
    prompt,
    precision,
    json,
  }: { rows: number; prompt: string; precision: VectorPrecision; json: boolean },
) {
  const progress = showProgress('embedded', 'texts', json);
  try {
    return await encodeTexts(source, embedder, {
      rows,
      prompt: choosePrompt(prompt, embedder),
      precision,
      onRows: (done) => progress.update(done, rows),
    });
  } finally {
    progress.stop();
  }
}
