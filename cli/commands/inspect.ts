import { describeFile, type FileDescription } from '../../engine/parquet/describe-file.js';
import { splitUri } from '../../engine/store/open-store.js';
import { type StoreOpener, storeCache } from '../../engine/store/store-cache.js';
import { checkPlace } from '../../engine/version/dataset-place.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition, CommandInput } from '../define-command.js';
import { describeVersion, versionLines } from '../inspect/describe-version.js';
import { count } from '../job/progress-line.js';
import { wholeNumber } from '../option-values.js';
import { fieldLines, oneLine } from '../print.js';

export const inspectCommand: CommandDefinition = {
  examples: [
    'vectormill inspect handbook',
    'vectormill inspect handbook@v1 --files --json',
    'vectormill inspect vectors.parquet',
  ],
  options: [
    outputOption,
    { flags: '--files', description: 'list every file of the version' },
    {
      flags: '--rows <n>',
      description: 'first rows of a Parquet file to name',
      fallback: 5,
      parse: wholeNumber(0, 1000),
    },
  ],
  async run(command) {
    const stores = storeCache();
    try {
      const isFile = command.arguments[0]?.endsWith('.parquet') === true;
      await (isFile ? inspectFile(command, stores.open) : inspectVersion(command, stores.open));
      return 0;
    } finally {
      await stores.close();
    }
  },
};

async function inspectFile({ arguments: [uri = ''], options, json }: CommandInput, openStore: StoreOpener) {
  const { root, key } = splitUri(checkPlace(uri));
  const description = await describeFile(openStore(root), key, Number(options.rows));
  console.log(json ? JSON.stringify(description) : fileLines(description).join('\n'));
}

async function inspectVersion(input: CommandInput, openStore: StoreOpener) {
  const { options, json } = input;
  const { store, ...place } = await findDataset(input, openStore);
  const description = await describeVersion(await resolveVersion(store, place), options.files === true);
  console.log(json ? JSON.stringify(description) : versionLines(description).join('\n'));
}

/** Returns the description of a Parquet file as lines for a person. */
function fileLines(description: FileDescription): string[] {
  const { file, bytes, rows, rowGroups, columns, footer, ids } = description;
  const sections = [
    file,
    ...fieldLines([
      ['rows', count(rows)],
      ['row groups', count(rowGroups)],
      ['bytes', count(bytes)],
    ]),
    'columns',
    ...fieldLines(
      columns.map(({ name, type, nullable }) => [oneLine(name), `${type}${nullable ? '?' : ''}`]),
    ),
  ];
  const entries = Object.entries(footer);
  if (entries.length > 0) {
    sections.push('footer', ...fieldLines(entries.map(([key, value]) => [oneLine(key), oneLine(value)])));
  }
  if (ids && ids.first.length > 0) {
    sections.push(`first values of ${ids.column}`, ...ids.first.map((id) => `  ${oneLine(id)}`));
  }
  return sections;
}
