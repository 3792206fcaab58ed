import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbedder } from '../../../engine/model/find/find-model.js';
import { describeEmbedder } from './embedder-contract.js';
import { composeExport } from './export/exports.js';
import { useProvider } from './http/support.js';
import { STATIC_MODELS } from './static/static-models.js';
import { useTemporaryFolder } from './temporary-folder.js';
import { writeTinyModel } from './tiny-model.js';

const folder = useTemporaryFolder();
const LETTERS = ['a', 'b', 'c', 'd', 'e'];
const PROMPTS = { 'config_sentence_transformers.json': { prompts: { query: 'f ', document: 'g ' } } };

let models = 0;
const place = (name: string) => join(folder.path, `${name}-${++models}`);

describeEmbedder('a folder with the weights of a transformer', {
  words: LETTERS,
  open: async (settings) => {
    const source = place('transformer');
    await writeTinyModel(source, { files: PROMPTS });
    return openEmbedder({ source, sessions: 2, ...settings });
  },
});

describeEmbedder('a folder with an ONNX export', {
  words: LETTERS,
  open: async (settings) =>
    openEmbedder({ source: await composeExport(place('export'), ['model.onnx']), sessions: 2, ...settings }),
});

describeEmbedder('a folder of static embeddings', {
  words: ['cat', 'mat', 'the', 'sat', 'on'],
  open: (settings) => openEmbedder({ source: join(STATIC_MODELS, 'sentence-transformers'), ...settings }),
});

describeEmbedder('a file of word vectors', {
  words: LETTERS,
  open: async (settings) => {
    const source = `${place('words')}.txt`;
    const lines = LETTERS.map((letter, at) => `${letter} ${at + 1} ${at ** 2} -0.5`);
    await writeFile(source, `${lines.join('\n')}\n`);
    return openEmbedder({ source, ...settings });
  },
});

const provider = useProvider();
describeEmbedder('a provider', {
  words: LETTERS,
  open: (settings) => provider.embedder({ max_batch_texts: 7, normalize: true }, settings),
});
