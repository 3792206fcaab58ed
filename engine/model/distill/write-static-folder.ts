import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import { fileExists } from '../../files/file-exists.js';
import { makeFolders } from '../../files/make-folders.js';
import { isStaticFolder } from '../static/static-folder.js';
import type { DistilledModel } from './distill.js';
import { SIF_COEFFICIENT } from './zipf-weights.js';

/** Texts are cut after this many tokens, as model2vec does by default. */
const MAX_TOKENS = 512;

/**
 * Refuses a folder that exists already. With `overwrite`, it refuses one that holds anything but a
 * static model. Errors: OUTPUT_EXISTS.
 */
export async function assertWritable(output: string, overwrite: boolean): Promise<void> {
  const folder = resolve(output);
  if (!(await fileExists(folder))) return;
  if (overwrite && ((await isStaticFolder(folder)) || (await isEmpty(folder)))) return;
  throw new VectormillError('OUTPUT_EXISTS', `${folder} is there already`, {
    component: 'model',
    file: folder,
    remedy: overwrite
      ? 'It is no static model, so --overwrite leaves it alone; name another --output.'
      : 'Name another --output, or give --overwrite.',
  });
}

/**
 * Writes a static model in the form of model2vec, so that model2vec and sentence-transformers load
 * it as well. The folder appears either whole or not at all. Errors: those of `assertWritable`.
 * @returns its absolute path
 */
export async function writeStaticFolder(
  distilled: DistilledModel,
  output: string,
  overwrite: boolean,
): Promise<string> {
  const folder = resolve(output);
  await makeFolders(dirname(folder));
  const staging = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    const made = join(staging, 'made');
    await mkdir(made);
    await writeFile(join(made, 'model.safetensors'), safetensors(distilled));
    for (const [name, value] of Object.entries(configurations(distilled)))
      await writeFile(join(made, name), JSON.stringify(value, undefined, name === 'tokenizer.json' ? 0 : 2));
    await assertWritable(folder, overwrite);
    if (await fileExists(folder)) await rename(folder, join(staging, 'replaced'));
    await rename(made, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

function configurations({ tokenizer, dimensions, model }: DistilledModel): Record<string, unknown> {
  const module = (idx: number, path: string, name: string) => ({
    idx,
    name: String(idx),
    path,
    type: `sentence_transformers.models.${name}`,
  });
  return {
    // Texts get no special tokens. They are cut by the limit in the configuration.
    'tokenizer.json': { ...tokenizer.values, truncation: null, padding: null, post_processor: null },
    'config.json': {
      model_type: 'model2vec',
      architectures: ['StaticModel'],
      tokenizer_name: model.name,
      apply_pca: dimensions,
      sif_coefficient: SIF_COEFFICIENT,
      hidden_dim: dimensions,
      seq_length: 1_000_000,
      normalize: true,
      max_length: MAX_TOKENS,
      embedding_dtype: 'float32',
    },
    'modules.json': [module(0, '.', 'StaticEmbedding'), module(1, '1_Normalize', 'Normalize')],
  };
}

/**
 * A safetensors file is the header's length, the header padded to 8 bytes, and the numbers:
 * https://github.com/huggingface/safetensors, "Format".
 */
function safetensors({ embeddings, dimensions }: DistilledModel): Buffer {
  const header = JSON.stringify({
    embeddings: {
      dtype: 'F32',
      shape: [embeddings.length / dimensions, dimensions],
      data_offsets: [0, embeddings.byteLength],
    },
  });
  const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, Buffer.from(embeddings.buffer, 0, embeddings.byteLength)]);
}

async function isEmpty(folder: string): Promise<boolean> {
  return readdir(folder).then(
    (names) => names.length === 0,
    () => false,
  );
}
