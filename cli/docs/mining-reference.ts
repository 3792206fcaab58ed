import { NAME_RULE } from '../../core/name.js';
import { miningSchema } from '../../engine/job/mining-schema.js';
import { jobKeys, keyTable } from './job-reference.js';
import { codeBlock, GENERATED, paragraph } from './markdown.js';
import { BEIR_MINING_JOB, FULL_MINING_JOB, SMALL_MINING_JOB } from './mining-example.js';

/**
 * Returns `docs/mining-job.md`: every key of a mining job file with its type, default and meaning,
 * and examples.
 */
export function miningReference(): string {
  return [
    '# The mining job file',
    '',
    GENERATED,
    '',
    ...paragraph(
      'A mining job file is YAML. (JSON is YAML, too.) `vectormill mine` checks it before anything is written: an unknown ' +
        'key or a value of another type is refused with exit code 2. Relative paths are taken from the folder of the file. ' +
        'Everything that is not under `limits` fixes the output, so that triplets that were started under the same name ' +
        'with other values are refused. [Mining](mining.md) explains what the keys do.',
    ),
    '',
    'The smallest one:',
    '',
    ...codeBlock('yaml', SMALL_MINING_JOB),
    '## Keys',
    '',
    `A name is ${NAME_RULE}.`,
    '',
    ...keyTable(jobKeys(miningSchema)),
    '## Over relevance judgements',
    '',
    ...codeBlock('yaml', BEIR_MINING_JOB),
    '## With every other key',
    '',
    ...codeBlock('yaml', FULL_MINING_JOB),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
