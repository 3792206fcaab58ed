import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { calibrationRows } from '../../../core/calibration-rows.js';
import { canonicalJson } from '../../../core/canonical-json.js';
import { cosine } from '../../../core/metrics/cosine.js';
import type { ModelSignature, Range } from '../../../core/model-signature.js';
import { availableCores } from '../../concurrency/available-cores.js';
import { cacheFolder } from '../../files/cache-folder.js';
import { sha256 } from '../../files/hash.js';
import { makeFolders } from '../../files/make-folders.js';
import { writeWholeFile } from '../../files/whole-file.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { modelUnsupported } from '../model-errors.js';
import { GRAPH_NAMES } from '../onnx/graph-names.js';
import { FLOAT_PRODUCTS } from '../onnx/products.js';
import { observation, observedProducts } from '../onnx/quantise.js';
import { InferenceSession, Tensor } from '../session/onnx-runtime.js';
import type { ModelFolder } from './model-folder.js';
import { graphOptionsOf, writeModelGraph } from './model-graph.js';

/**
 * Raise it whenever the same model would get other ranges, so that kept calibrations of an older
 * kind are not used.
 */
const CALIBRATION_VERSION = 1;
/**
 * A model is refused as int8 if the mean cosine between its float32 and int8 vectors is below this.
 */
const MIN_AGREEMENT = 0.95;

/** The result of a calibration. */
export interface Calibration {
  ranges: Readonly<Record<string, Range>>;
  /** The mean cosine between the float32 and the int8 vectors of the calibration's rows. */
  agreement: number;
}

/**
 * Measures the range of every product's input over rows of random tokens, once for each model. Such
 * rows need no texts of any language, and give wider ranges than texts do
 * (docs/decisions/0011-int8.md). The result is kept in the cache. Errors: MODEL_UNSUPPORTED where
 * int8 vectors would have other directions, and those of the weights.
 */
export async function calibrate(
  model: ModelFolder,
  signature: ModelSignature,
  tokenizer: Tokenizer,
): Promise<Calibration> {
  const {
    name: _,
    prompts: _prompts,
    maxTokens: _limit,
    dimensions: _kept,
    similarity: _compared,
    ...computed
  } = signature;
  const key = sha256(canonicalJson({ ...computed, CALIBRATION_VERSION }));
  const file = join(cacheFolder(), 'calibrations', `${key}.json`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  const calibration =
    kept === undefined ? await measure(model, tokenizer) : (JSON.parse(kept) as Calibration);
  if (kept === undefined) await keep(file, calibration);
  if (calibration.agreement >= MIN_AGREEMENT) return calibration;
  throw modelUnsupported(
    model.weightsFile,
    `as int8 its vectors would have a mean cosine of only ${calibration.agreement.toFixed(3)} with its float32 vectors`,
  );
}

async function measure(model: ModelFolder, tokenizer: Tokenizer): Promise<Calibration> {
  const rows = calibrationRows({
    template: (await tokenizer.encode(['a'], model.maxTokens))[0]!.ids,
    isSpecial: (id) => tokenizer.isSpecial(id),
    vocabularySize: tokenizer.vocabularySize,
    maxTokens: model.maxTokens,
  });
  const { dimensions } = model;
  const folder = await mkdtemp(join(tmpdir(), 'vectormill-calibration-'));
  try {
    const products = observedProducts(FLOAT_PRODUCTS);
    await writeModelGraph(model, { dimensions, products }, join(folder, 'float32.onnx'));
    const observed = await runRows(join(folder, 'float32.onnx'), rows);
    const ranges = Object.fromEntries(
      products.sites.map((site) => [
        site,
        [
          roundOutward(Math.min(...observed.map((output) => scalar(output, observation.least(site))))),
          roundOutward(Math.max(...observed.map((output) => scalar(output, observation.most(site))))),
        ] as const,
      ]),
    );
    const options = graphOptionsOf(model, { dimensions, precision: 'int8', ranges });
    await writeModelGraph(model, options, join(folder, 'int8.onnx'));
    const quantised = await runRows(join(folder, 'int8.onnx'), rows);
    const cosines = rows.map((_, row) => cosine(vectorOf(observed[row]!), vectorOf(quantised[row]!)));
    return { ranges, agreement: cosines.reduce((sum, value) => sum + value, 0) / cosines.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Outputs = Awaited<ReturnType<InferenceSession['run']>>;

/**
 * Runs one call for each row. Rows of different lengths are thus never padded, and only tokens are
 * measured.
 */
async function runRows(graphFile: string, rows: readonly Uint32Array[]): Promise<Outputs[]> {
  const session = await InferenceSession.create(graphFile, {
    executionProviders: ['cpu'],
    intraOpNumThreads: availableCores(),
    logSeverityLevel: 4,
  });
  try {
    const outputs: Outputs[] = [];
    for (const row of rows) {
      const tensor = (values: BigInt64Array) => new Tensor('int64', values, [1, row.length]);
      const inputs: Record<string, Tensor> = {
        [GRAPH_NAMES.inputIds]: tensor(BigInt64Array.from(row, BigInt)),
        [GRAPH_NAMES.attentionMask]: tensor(new BigInt64Array(row.length).fill(1n)),
      };
      if (session.inputNames.includes(GRAPH_NAMES.promptLength))
        inputs[GRAPH_NAMES.promptLength] = new Tensor('int64', [0n], [1]);
      outputs.push(await session.run(inputs));
    }
    return outputs;
  } finally {
    await session.release();
  }
}

/**
 * Rounds away from 0 to three digits, so that machines whose sums differ in the last bits get the
 * same ranges.
 */
function roundOutward(value: number): number {
  if (value === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2);
  return Number((Math.sign(value) * Math.ceil(Math.abs(value) / step) * step).toPrecision(3));
}

function scalar(outputs: Outputs, name: string): number {
  return (outputs[name]!.data as Float32Array)[0]!;
}

function vectorOf(outputs: Outputs): Float32Array {
  return outputs[GRAPH_NAMES.output]!.data as Float32Array;
}

/**
 * Writes the file either whole or not at all, because another process may read it at the same time.
 */
async function keep(file: string, calibration: Calibration): Promise<void> {
  await makeFolders(dirname(file));
  await writeWholeFile(file, async (handle) => {
    await handle.writeFile(JSON.stringify(calibration));
    return file;
  });
}
