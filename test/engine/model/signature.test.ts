import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, readSignature } from '../../../engine/model/signature.js';
import { useTemporaryFolder } from './temporary-folder.js';
import { TINY, type TinyOptions, tinyWeights, writeTinyModel } from './tiny-model.js';

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

  test('has another fingerprint for anything that moves a vector', async () => {
    const moved = tinyWeights();
    moved.get('embeddings.LayerNorm.bias')!.data[0]! += 1e-3;
    const one = await written('one');
    const signatures = [
      await readSignature(one),
      await readSignature(one, { maxTokens: 8 }),
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
    ];
    expect(new Set(signatures.map(fingerprintOf)).size).toBe(signatures.length);
  });

  test.each([0, 2.5, TINY.positions + 1])('is refused for a limit of %s tokens', async (maxTokens) => {
    await expect(readSignature(await written('one'), { maxTokens })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
