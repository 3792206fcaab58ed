import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../../engine/model/fingerprint.js';
import { composeHead } from '../sentence-heads.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { TINY, type TinyOptions, tinyWeights, writeTinyModel } from '../tiny-model.js';
import { readSignature } from './read-signature.js';

const folder = useTemporaryFolder();

async function written(name: string, options: TinyOptions = {}): Promise<string> {
  await writeTinyModel(join(folder.path, name), options);
  return join(folder.path, name);
}

describe('a model signature', () => {
  test('holds the hashes of the weights and the tokenizer, and the limits', async () => {
    const path = await written('one');
    const sha256 = async (file: string) =>
      createHash('sha256')
        .update(await readFile(join(path, file)))
        .digest('hex');
    expect(await readSignature(path)).toMatchObject({
      name: 'one',
      architecture: 'bert',
      weightsSha256: await sha256('model.safetensors'),
      tokenizerSha256: await sha256('tokenizer.json'),
      pooling: ['mean'],
      normalize: true,
      maxTokens: 16,
      dimensions: TINY.hidden,
      prompts: { query: '', document: '' },
    });
  });

  test('has the same fingerprint under another name', async () => {
    const [one, other] = [await written('one'), await written('other')];
    expect(fingerprintOf(await readSignature(other))).toBe(fingerprintOf(await readSignature(one)));
  });

  test('has another fingerprint for everything that changes a vector', async () => {
    const moved = tinyWeights();
    moved.get('embeddings.LayerNorm.bias')!.data[0]! += 1e-3;
    const one = await written('one');
    const signatures = [
      await readSignature(one),
      await readSignature(one, { maxTokens: 8 }),
      await readSignature(one, { dimensions: TINY.hidden - 1 }),
      await readSignature(one, { prompts: { query: 'q ' } }),
      await readSignature(one, { prompts: { document: 'q ' } }),
      await readSignature(await written('weights', { weights: moved })),
      await readSignature(await written('heads', { configuration: { num_attention_heads: 4 } })),
      await readSignature(await written('epsilon', { configuration: { layer_norm_eps: 1e-5 } })),
      await readSignature(
        await written('pooling', {
          files: { '1_Pooling/config.json': { embedding_dimension: TINY.hidden, pooling_mode: 'cls' } },
        }),
      ),
      await readSignature(
        await written('prompt', {
          files: { '1_Pooling/config.json': { embedding_dimension: TINY.hidden, include_prompt: false } },
        }),
      ),
    ];
    expect(new Set(signatures.map(fingerprintOf)).size).toBe(signatures.length);
  });

  test('has another fingerprint for every change in a layer after pooling', async () => {
    const at = (name: string) => join(folder.path, name);
    const moved = await composeHead(at('moved'), 'dense');
    const file = join(moved, '2_Dense', 'model.safetensors');
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0, bytes.length - 4));
    const paths = [
      await composeHead(at('dense'), 'dense'),
      moved,
      await composeHead(at('gelu'), 'dense', { activation_function: 'torch.nn.GELU' }),
      await composeHead(at('residual'), 'dense', { use_residual: true }),
      await composeHead(at('no-bias'), 'dense', { bias: false }),
      await composeHead(at('layers'), 'layers'),
    ];
    const signatures = await Promise.all(paths.map((path) => readSignature(path)));
    expect(new Set(signatures.map(fingerprintOf)).size).toBe(paths.length);
    expect(signatures[0]).toMatchObject({ dimensions: 8, layers: [{ kind: 'dense', activation: 'Tanh' }] });
  });

  test('of a folder without layers is what it was before there were layers', async () => {
    const signature = await readSignature(await written('plain'));
    expect(Object.keys(signature)).not.toContain('layers');
    expect(Object.keys(signature)).not.toContain('includePrompt');
  });

  test.each([0, 2.5, TINY.hidden + 1])('is refused for %s dimensions', async (dimensions) => {
    await expect(readSignature(await written('one'), { dimensions })).rejects.toMatchObject({
      code: 'USAGE',
      remedy: expect.stringContaining(`from 1 to ${TINY.hidden}`),
    });
  });

  test.each([0, 2.5, TINY.positions + 1])('is refused for a limit of %s tokens', async (maxTokens) => {
    await expect(readSignature(await written('one'), { maxTokens })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
