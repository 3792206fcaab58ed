import type { Argument, Command, Option } from 'commander';
import { ERROR_KINDS, type ErrorKind } from '../../core/errors.js';
import { type CallableCommand, callableCommands, examplesOf } from './command-help.js';
import { code, codeBlock, GENERATED, paragraph, table } from './markdown.js';

/** The environment variables that the commands read. */
const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ['VECTORMILL_OUTPUT', 'root of the datasets, if neither `--output` nor the argument names it'],
  [
    'VECTORMILL_CACHE',
    'folder for models, graphs and binaries (default: `~/.cache/vectormill`, or below `XDG_CACHE_HOME`)',
  ],
  [
    'TEMPORAL_ADDRESS',
    'the Temporal server (default: the one that `make up` started here or above, then `localhost:7233`)',
  ],
  ['TEMPORAL_NAMESPACE', 'its namespace (default: `default`)'],
  [
    'TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE',
    'a profile of `temporal.toml`; `docs/operations.md` lists these and the variables for TLS and API keys',
  ],
  [
    'VECTORMILL_ENCRYPTION_KEYS, VECTORMILL_ENCRYPTION_KEYS_FILE, VECTORMILL_ENCRYPTION_KEY_ID',
    'keys that encrypt what Temporal stores, as `<id>:<base64>`, here or in a file, and the id of the one for new values',
  ],
  ['AWS_ENDPOINT_URL_S3', 'an S3 server other than AWS'],
  [
    'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_PROFILE',
    'credentials and region, as every AWS tool reads them',
  ],
  [
    'OPENAI_API_KEY',
    'the key for `api.openai.com`; a job names the variable of any other provider as `model.provider.key_env`',
  ],
  ['HF_ENDPOINT', 'a mirror of the Hugging Face hub, for `model pull`'],
  [
    'HF_TOKEN, HF_TOKEN_PATH, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE',
    "the hub's token, its file, the hub's own cache, and whether the hub may be asked, as its own tools read them; `docs/models.md`",
  ],
  ['LOG_LEVEL', "level of a worker's log: `debug`, `info`, `warn` or `error` (default: `info`)"],
];

const KINDS: readonly (readonly [kind: ErrorKind, exit: string, meaning: string])[] = [
  ['refused', '2', 'refused: nothing was started or written, and trying again cannot help'],
  ['failed', '1', 'failed: work stopped for a reason that trying again does not mend'],
  ['retryable', '1', 'failed: the surroundings did, and the same command may succeed later'],
];

/** Returns `docs/cli.md`: every command with its arguments, options, defaults and examples. */
export function cliReference(program: Command): string {
  const commands = callableCommands(program);
  return [
    '# Commands',
    '',
    GENERATED,
    '',
    ...paragraph(program.description()),
    '',
    ...paragraph(
      'Examples name files of your own where they must, such as `./my-model`, `./scifact` or `s3://bucket/prefix`. A ' +
        'test runs every example over files of these names.',
    ),
    '',
    ...paragraph(
      'Results go to stdout, progress and messages to stderr. With `--json` results are JSON, one document or one line ' +
        'each, and an error is one line: `{"error": {"code", "message", "component", "remedy", "file", "position", "worker"}}`.',
    ),
    '',
    ...table(
      ['command', 'what it does'],
      commands.map(({ path, command }) => [`[${code(path)}](#${anchor(path)})`, command.description()]),
    ),
    ...commands.flatMap(describeCommand),
    '## Environment',
    '',
    ...table(
      ['variable', 'what it says'],
      VARIABLES.map(([names, meaning]) => [names.split(', ').map(code).join(', '), meaning]),
    ),
    '## Exit codes',
    '',
    'The exit code is 0 for done. Others follow from the code of the error, which `--json` gives as `error.code`:',
    '',
    ...table(
      ['exit', 'meaning', 'codes'],
      KINDS.map(([kind, exit, meaning]) => [exit, meaning, codesOf(kind)]),
    ),
    ...paragraph(
      'Once the work has begun, what would be a refusal is a failure with exit code 1. What a job, an index or triplets ' +
        'have written is kept then, and the remedy says how to continue.',
    ),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function describeCommand({ path, command }: CallableCommand): string[] {
  const names = command.registeredArguments.map((argument) => ` ${notation(argument)}`).join('');
  return [
    `## ${path}`,
    '',
    ...paragraph(command.description()),
    '',
    ...codeBlock('', `${path}${names} [options]`),
    ...table(
      ['argument', 'meaning'],
      command.registeredArguments.map((argument) => [code(notation(argument)), argument.description]),
    ),
    ...table(['option', 'meaning', 'default'], command.options.map(describeOption)),
    ...codeBlock('sh', examplesOf(command).join('\n')),
  ];
}

function describeOption(option: Option): string[] {
  const { defaultValue } = option;
  const isSwitch = typeof defaultValue === 'boolean';
  const standard =
    defaultValue === undefined || defaultValue === '' || isSwitch ? '' : code(String(defaultValue));
  return [code(option.flags), option.description, option.mandatory ? '**required**' : standard];
}

function notation(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function codesOf(kind: ErrorKind): string {
  return Object.entries(ERROR_KINDS)
    .filter(([, of]) => of === kind)
    .map(([name]) => code(name))
    .join(', ');
}

/** Returns the anchor that GitHub makes of a heading. */
function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}
