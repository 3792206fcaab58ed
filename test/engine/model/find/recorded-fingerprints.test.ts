import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findCrossEncoder } from '../../../../engine/model/cross-encoder/find-cross-encoder.js';
import { modelsFolder } from '../../../../engine/model/fetch/resolve-model.js';
import { findModel } from '../../../../engine/model/find/find-model.js';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../../../shared/models/', import.meta.url));
const CACHED = modelsFolder();

/**
 * These were recorded when tokenizer.json was the only file of a tokenizer that was read. Versions
 * that were made then must stay searchable.
 */
const EMBEDDERS: readonly [folder: string, fingerprint: string][] = [
  ['architectures/camembert', 'd67b1ff47d27c683c3f94525f2d74437c8dd112b24faf5c4dbf583a2d25bb838'],
  ['architectures/distilbert', '8aff77480ec313a78f44a11b49058ba8c4a51404265da0f0ea58023a6e160e86'],
  ['architectures/modernbert', 'baa2734c9f41fbbdc67c06934282dabdc084ee3150d2c958f2b2de2435ba7006'],
  ['architectures/modernbert-biases', '092a80ee09ceb6facc21d9d1c458e23323da3abf02285e120b46793488f75b6c'],
  ['architectures/mpnet', '25eef8db0ea4a6545026bd8545ebbe260dd9be431d43d80136da9839e21427c0'],
  ['architectures/qwen2', 'cc0d3df05d1b0bfd626ea5b0e918ea6f982bae15d0e0439e98290399100a0285'],
  ['architectures/qwen3', '8dab67e6605a48672223bd4fa6f599a2d5c8396ee8ae70fd3e58172fc36d4cb8'],
  ['architectures/qwen3-biases', 'cbd0ac985fe174078b6b62cc2bde6295462c57c1094b6c724d8a8be00911bb6c'],
  ['architectures/roberta', '16dd8c353a7e76e1d1082890fb72c5b867fe5817b623af79e701c81bb5389904'],
  ['architectures/xlm-roberta', 'fc20ab245e30b860d4d1b69a1b0bc95c786c090126803728549a143c67f54922'],
  ['static-models/float16', '38757f37c51114e054e2459c1c115b02dcd506f8d91134ffdeaa9286a33ea4d7'],
  ['static-models/float32', '62341e46c93afde242da4c1b58c8fe89185509f2c60292ab58ee466ac23c8b81'],
  ['static-models/int8', '9de33e2781563caf4ed760492e3ce11e62bec2d5e10971d92b68b9ae5744960f'],
  ['static-models/quantised-vocabulary', 'a85a7b853d96d0cf36ecd78d2d993b411ddbc6bcc8af4f286c7862aef85018e8'],
  ['static-models/sentence-transformers', '7b3bd1a04dae7369631c9531d31cfffa7a2f525f143d70a04e67770df916fae4'],
  [
    'static-models/sentence-transformers-old',
    '1308356a0b5db24cbcfd857abdc3e59cf5190867bfc2d3f2622476cd8a9e4199',
  ],
  ['static-models/short', '0b224ce168affcb38b1935f8fdc9cb63456c47aa8a6c073c1c8caaf07c2ed6ae'],
  ['static-models/unigram', '0e379c7c983317fd520d39a38cce85b71c64dca68e69400c8d9252ae7d6efcf0'],
];

const CROSS_ENCODERS: typeof EMBEDDERS = [
  ['cross-encoders/plain', '9bdcb3f10fc4f8c8c1b9661969f64c2ecf923d2a3d65c5302f8c4c63231a0d1e'],
  ['cross-encoders/saved', '8026ab741a56207fefba1982b39db5e016e50df053787b869a5c652c3970eb5f'],
];

/** Real models, if they are on this machine. */
const ELSEWHERE: typeof EMBEDDERS = [
  [join(CACHED, 'all-MiniLM-L6-v2'), 'e22a0c9d2c6b97d971da113f8d3467272c0bc0ddb45104789af8cb7e294d48cc'],
  [join(SHARED, 'm3-tiny'), '127b46f795f4fde9bf42880ccda3a44b4f791e19dc78df338f1d5fa795adbde4'],
];

describe('a folder that was read rightly keeps its fingerprint', () => {
  test.each(EMBEDDERS)('%s', async (folder, fingerprint) => {
    expect((await findModel({ source: join(FIXTURES, folder) })).fingerprint).toBe(fingerprint);
  });

  test.each(CROSS_ENCODERS)('%s', async (folder, fingerprint) => {
    expect((await findCrossEncoder({ source: join(FIXTURES, folder) })).fingerprint).toBe(fingerprint);
  });

  for (const [folder, fingerprint] of ELSEWHERE)
    test.skipIf(!existsSync(folder))(folder.split('/').at(-1)!, async () => {
      expect((await findModel({ source: folder })).fingerprint).toBe(fingerprint);
    });

  const reranker = join(SHARED, 'minilm-l6-cross-encoder');
  test.skipIf(!existsSync(reranker))('minilm-l6-cross-encoder', async () => {
    expect((await findCrossEncoder({ source: reranker })).fingerprint).toBe(
      '1deca2b2e7d9068180ed81b98f9e422aa8fb6d4198dac7cc6b0c6ba61ece5fa3',
    );
  });
});
