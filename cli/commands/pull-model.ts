import { bytesOfLock, parseHubName } from '../../core/model-lock.js';
import { lockedModel } from '../../engine/model/fetch/locked-models.js';
import { pullModel } from '../../engine/model/fetch/pull.js';
import { pullFromHub } from '../../engine/model/fetch/pull-from-hub.js';
import { checkModelSettings } from '../../engine/model/find/check-settings.js';
import type { GroupedCommand } from '../define-command.js';
import { nonEmpty } from '../option-values.js';
import { showProgress } from '../progress.js';

export const pullCommand: GroupedCommand = {
  usage: 'pull <name>',
  summary:
    'Fetch a model of the Hugging Face hub into the cache, pin its commit and check the sha256 of every file.',
  examples: [
    'vectormill model pull all-MiniLM-L6-v2',
    'vectormill model pull all-MiniLM-L6-v2 --json',
    'vectormill model pull BAAI/bge-small-en-v1.5',
    'vectormill model pull BAAI/bge-small-en-v1.5@main --file onnx/model.onnx --json',
  ],
  options: [
    {
      flags: '--file <path>',
      description: 'ONNX file of the repository to fetch in place of safetensors, by its path there',
      parse: nonEmpty,
    },
  ],
  async run({ arguments: [name = ''], options, json }) {
    const file = options.file as string | undefined;
    const pulled = await pullByName(name, file, json);
    console.log(json ? JSON.stringify({ model: name, ...pulled }) : pulled.folder);
    return 0;
  },
};

/** A pulled model, as `--json` prints it. */
export interface PulledByName {
  folder: string;
  source: string;
  repository?: string;
  commit?: string;
  files?: number;
  bytes?: number;
}

/**
 * Pulls a model by any name that can be pulled, and shows progress on stderr. Errors: those of
 * `pullModel` and `pullFromHub`.
 */
export async function pullByName(
  name: string,
  file: string | undefined,
  json: boolean,
): Promise<PulledByName> {
  const log = (line: string) => console.error(line);
  const onHub = parseHubName(name);
  if (!onHub || (lockedModel(name) && file === undefined)) return pullModel(name, { log });
  const progress = showProgress('fetched', 'MB', json);
  try {
    const { folder, source, lock } = await pullFromHub(onHub, {
      file,
      check: checkModelSettings,
      log,
      onProgress: (done, total) => progress.update(megabytes(done), megabytes(total)),
    });
    const { repository, commit, files } = lock;
    return { folder, source, repository, commit, files: files.length, bytes: bytesOfLock(lock) };
  } finally {
    progress.stop();
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}
