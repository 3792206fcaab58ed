import { NAME_RULE } from '../../core/name.js';
import { scheduleSchema } from '../../engine/schedule/schedule-schema.js';
import { type JobKey, jobKeys, keyTable } from './job-reference.js';
import { codeBlock, GENERATED, paragraph } from './markdown.js';
import { FULL_SCHEDULE, SMALL_SCHEDULE } from './schedule-example.js';

/** Returns the keys that are a schedule's own. Those of `job` and `mine` have their own pages. */
export function scheduleKeys(): JobKey[] {
  return jobKeys(scheduleSchema).filter(({ key }) => !/^(job|mine)\./.test(key));
}

/**
 * Returns `docs/schedule-file.md`: every key of a schedule file with its type, default and meaning,
 * and examples.
 */
export function scheduleReference(): string {
  return [
    '# The schedule file',
    '',
    GENERATED,
    '',
    ...paragraph(
      'A schedule file is YAML. (JSON is YAML, too.) `vectormill schedule create` checks it and looks at its models before ' +
        'anything is created: an unknown key, a value of another type or a model that cannot be loaded is refused with ' +
        'exit code 2. Relative paths are taken from the folder of the file. Each night makes one version, ' +
        '`<name>-<time in UTC>`, such as `nightly-20261121T020000Z`. [The recipe](recipes/nightly-index.md) shows a whole ' +
        'one.',
    ),
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
    ...paragraph(
      'The expressions are read in `timezone`, and a night begins once on each day that they name. ' +
        '`vectormill schedule create` says which night is the next that a change of the clocks moves, and when it begins. An ' +
        'expression for every hour, and `@every`, lose and repeat nothing.',
    ),
    '',
    ...paragraph(
      '**A time that does not exist** on its day, because the clocks are put forward over it, is not left out: that night ' +
        'begins at the first instant after it. In Europe/Berlin a night at 02:00 begins at 03:00 on 28 March 2027. On Lord ' +
        'Howe, where the clocks jump by half an hour, it begins half an hour later.',
      '- ',
    ),
    ...paragraph(
      '**A time that comes twice**, because the clocks are put back, begins one night. In zones at and east of Greenwich ' +
        'it begins at the second of them, and in zones west of it a second after the first of them (01:30:01).',
      '- ',
    ),
    '',
    ...paragraph(
      'Temporal leaves out a time that does not exist, and in zones west of Greenwich it begins a night at both times of ' +
        'one that comes twice. `create` therefore adds the times of the next twenty years to the schedule. When the rules ' +
        'of a zone change, give the file again once Node knows them: `create` brings an existing schedule up to date, ' +
        'even one of an earlier release.',
    ),
    '',
    '## With every key of its own',
    '',
    ...codeBlock('yaml', FULL_SCHEDULE),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
