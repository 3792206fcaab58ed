import { NAME_RULE } from '../../core/name.js';
import { scheduleSchema } from '../../engine/schedule/schedule-schema.js';
import { type JobKey, jobKeys, keyTable } from './job-reference.js';
import { codeBlock, GENERATED } from './markdown.js';
import { FULL_SCHEDULE, SMALL_SCHEDULE } from './schedule-example.js';

/** The keys that are a schedule's own; those of `job` and `mine` have pages of their own. */
export function scheduleKeys(): JobKey[] {
  return jobKeys(scheduleSchema).filter(({ key }) => !/^(job|mine)\./.test(key));
}

/** `docs/schedule-file.md`: every key of a schedule file with its type, default and meaning, and examples. */
export function scheduleReference(): string {
  return [
    '# The schedule file',
    '',
    GENERATED,
    '',
    'A schedule file is YAML (JSON is YAML, too). `vectormill schedule create` checks it and looks at its models before anything is',
    'created: an unknown key, a value of another type or a model that cannot be loaded is refused with exit code 2. Relative paths',
    'are taken from the folder of the file. Each night makes one version, `<name>-<time in UTC>`, such as `nightly-20261121T020000Z`;',
    '[the recipe](recipes/nightly-index.md) goes through a whole one.',
    '',
    'The smallest one:',
    '',
    ...codeBlock('yaml', SMALL_SCHEDULE),
    '## Keys',
    '',
    `A name is ${NAME_RULE}.`,
    '',
    ...keyTable(scheduleKeys()),
    '## With every key of its own',
    '',
    ...codeBlock('yaml', FULL_SCHEDULE),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
