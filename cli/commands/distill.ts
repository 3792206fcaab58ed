import { counted } from '../../core/counted.js';
import { distillModel } from '../../engine/model/distill/distill.js';
import { assertWritable, writeStaticFolder } from '../../engine/model/distill/write-static-folder.js';
import { resolveModel } from '../../engine/model/fetch/resolve-model.js';
import type { GroupedCommand } from '../define-command.js';
import { nonEmpty, wholeNumber } from '../option-values.js';
import { type Progress, showProgress } from '../progress.js';

/** `vectormill model distill`. */
export const distill: GroupedCommand = {
  usage: 'distill <model>',
  summary:
    'Make a static model of a transformer: one vector for each token, looked up and averaged. model2vec loads it, too.',
  examples: [
    'vectormill model distill all-MiniLM-L6-v2 --output ./minilm-static',
    'vectormill model distill ./my-model --output ./my-static --dimensions 128 --overwrite --json',
  ],
  options: [
    { flags: '--output <folder>', description: 'folder to write', required: true, parse: nonEmpty },
    {
      flags: '--dimensions <n>',
      description: "numbers of a vector (default: 256, or the model's own where it has fewer)",
      parse: wholeNumber(1, 1_000_000),
    },
    { flags: '--overwrite', description: 'replace a static model that is there already' },
  ],
  async run({ arguments: [model = ''], options, json }) {
    const output = options.output as string;
    const overwrite = options.overwrite === true;
    const source = await resolveModel(model);
    await assertWritable(output, overwrite);
    let step = '';
    let progress: Progress | undefined;
    try {
      const distilled = await distillModel(source, {
        dimensions: options.dimensions as number | undefined,
        onProgress(current, done, total) {
          if (current !== step) {
            progress?.stop();
            progress = showProgress(current, 'tokens', json);
            step = current;
          }
          progress?.update(done, total);
        },
      });
      const folder = await writeStaticFolder(distilled, output, overwrite);
      const { tokens, dimensions } = distilled;
      console.log(
        json
          ? JSON.stringify({ model: source, folder, tokens, dimensions })
          : `${folder} (${counted(tokens, 'token')}, ${counted(dimensions, 'dimension')})`,
      );
    } finally {
      progress?.stop();
    }
    return 0;
  },
};
