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
    '## When the clocks change',
    '',
    'The expressions are read in `timezone`, and a night begins once on each day that they name. A time that does not exist on its day,',
    'because the clocks are put forward over it, is not left out: that night begins at the first instant after it. In Europe/Berlin a night',
    'at 02:00 begins at 03:00 on 28 March 2027. (On Lord Howe, where they jump by half an hour, it begins half an hour later.) A time that comes twice, because the clocks are put back, begins one night: at the second of',
    'them in zones at and east of Greenwich, and a second after the first of them (01:30:01) in zones west of it. `vectormill schedule create`',
    'says on which day this comes next, and when that night begins. An expression for every hour, and `@every`, lose and repeat nothing.',
    '',
    'Temporal leaves a time out that does not exist, and begins one that comes twice at both in zones west of Greenwich; so `create` adds the',
    'times of the next twenty years to the schedule. Where the rules of a zone change, give the file again once Node knows them:',
    '`create` brings a schedule that stands up to date, and a schedule of an earlier release as well.',
    '',
    '## With every key of its own',
    '',
    ...codeBlock('yaml', FULL_SCHEDULE),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
