import { z } from 'zod';
import { NAME_RULE } from '../../core/name.js';
import { jobSchema } from '../../engine/job/job-schema.js';
import { FULL_JOB, PROVIDER_JOB, SMALL_JOB } from './job-example.js';
import { code, codeBlock, GENERATED, paragraph, table } from './markdown.js';

/** The parts of JSON Schema that the job's schema uses. */
interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly string[];
  const?: unknown;
  pattern?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  items?: Schema;
  anyOf?: readonly Schema[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
}

export interface JobKey {
  /** The key with dots: `input.columns.id`. */
  key: string;
  type: string;
  /** The default as JSON. Undefined where there is none. */
  standard: string | undefined;
  required: boolean;
  meaning: string;
}

/** Returns every key of a job file. Each mapping comes before its own keys. */
export function jobKeys(schema: z.ZodType = jobSchema): JobKey[] {
  return keysOf(z.toJSONSchema(schema, { io: 'input' }) as Schema, '');
}

/** Returns a table of a job file's keys. */
export function keyTable(keys: readonly JobKey[]): string[] {
  return table(
    ['key', 'type', 'default', 'meaning'],
    keys.map(({ key, type, standard, required, meaning }) => [
      code(key),
      type,
      required ? '**required**' : standard === undefined ? '–' : code(standard),
      meaning,
    ]),
  );
}

/**
 * Returns `docs/job-spec.md`: every key with its type, default and meaning, and examples that
 * together have all keys.
 */
export function jobReference(): string {
  return [
    '# The job file',
    '',
    GENERATED,
    '',
    ...paragraph(
      'A job file is YAML. (JSON is YAML, too.) `vectormill run` checks it before anything is written: an unknown key, a ' +
        'value of another type or a model that cannot be loaded is refused with exit code 2. Relative paths are taken from ' +
        'the folder of the job file. Everything that is not under `limits` or `retention` fixes the output, so that a version that ' +
        'was started with other values is refused.',
    ),
    '',
    'The smallest one:',
    '',
    ...codeBlock('yaml', SMALL_JOB),
    '## Keys',
    '',
    `A name is ${NAME_RULE}.`,
    '',
    ...keyTable(jobKeys()),
    '## Tables',
    '',
    ...paragraph(
      'The first row of a CSV or TSV table names its columns. Of columns with the same name the first counts. Lines end ' +
        'with `\\n`, `\\r\\n` or, where the first one does, `\\r`. A byte-order mark is not part of the first name, and a ' +
        'table in UTF-16 is refused.',
    ),
    '',
    ...paragraph(
      '**CSV**: a quote at the beginning of a field opens it and a quote ends it, with delimiters, line ends and doubled ' +
        'quotes in between. A quote elsewhere in a field is a character.',
      '- ',
    ),
    ...paragraph(
      '**TSV**: quotes are characters, as MS MARCO, GLUE and others write them, unless they enclose a whole field of the ' +
        'line. A field whose quote is not closed on its line may run on, as pandas and Excel write texts of several lines. ' +
        'It does so only if the row then has the columns of the first row, and the lines that it runs over do not have ' +
        'them by themselves. The files of pairs, judgements and sentence pairs that other commands take are read in the ' +
        'same way.',
      '- ',
    ),
    ...paragraph(
      '**`quote`** set to a character makes both kinds follow the rule of CSV with it. `none` makes quotes characters and ' +
        'each line a row.',
      '- ',
    ),
    '',
    ...paragraph(
      'A table with a stray quote may lose rows to a field that goes on to the next quote. Where a row runs over more ' +
        'than 10 lines, `run` and `status` count it and say where one is.',
    ),
    '',
    '## With every key',
    '',
    'A model of your own:',
    '',
    ...codeBlock('yaml', FULL_JOB),
    'A model that a provider runs ([how to set it up](providers.md)):',
    '',
    ...codeBlock('yaml', PROVIDER_JOB),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function keysOf(schema: Schema, prefix: string): JobKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const key = `${prefix}${name}`;
    const mapping = [value, ...(value.anyOf ?? [])].find(({ properties }) => properties);
    const own: JobKey = {
      key,
      type: typeOf(value),
      standard: value.default === undefined || mapping ? undefined : JSON.stringify(value.default),
      required: schema.required?.includes(name) === true,
      meaning: value.description ?? '',
    };
    return [own, ...(mapping ? keysOf(mapping, `${key}.`) : [])];
  });
}

function typeOf(schema: Schema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.enum) return schema.enum.map(code).join(', ');
  switch (schema.type) {
    case 'object':
      return 'mapping';
    case 'array':
      return schema.items?.enum ? `list of ${typeOf(schema.items)}` : 'list of texts';
    case 'string':
      return schema.pattern ? 'name' : 'text';
    case 'boolean':
      return '`true` or `false`';
    case 'integer':
      return `whole number${bounds(schema)}`;
    case 'number':
      return `number${bounds(schema)}`;
    default:
      throw new RangeError(`a job key of type ${schema.type}`);
  }
}

function bounds({ type, minimum, exclusiveMinimum, maximum }: Schema): string {
  if (type === 'number' && exclusiveMinimum !== undefined)
    return ` above ${exclusiveMinimum}${maximum === undefined ? '' : `, at most ${maximum}`}`;
  const from = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1);
  const isBounded = maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER;
  if (from === undefined) return isBounded ? ` up to ${maximum}` : '';
  return isBounded ? ` from ${from} to ${maximum}` : `, at least ${from}`;
}
