import { isVectormillError, VectormillError } from '../../../core/errors.js';
import { type HubName, hubNameText, isCommit } from '../../../core/model-lock.js';
import { moduleFolders } from '../folder/module-folders.js';
import { chooseModelFiles, exportsIn } from '../hub/choose-files.js';
import { downloadFile } from '../hub/download-file.js';
import { cachedCommit, listSnapshot, snapshotFolder } from '../hub/hub-cache.js';
import { HubClient, type HubPatience, PATIENCE } from '../hub/hub-client.js';
import { HubUnavailable } from '../hub/hub-errors.js';
import { type HubListing, listHubFiles } from '../hub/hub-files.js';
import { addressOfHub, type HubSettings, hubSettings } from '../hub/hub-settings.js';
import { type FileFetcher, ModelAssembly } from './model-assembly.js';
import { type ExistingModel, findPulled, pinRevision } from './pulled-models.js';

export interface HubPullOptions {
  /** An ONNX file to fetch in place of safetensors. */
  file?: string | undefined;
  /**
   * Is called with the folder once it holds everything but weights. An error that it throws ends
   * the pull before the weights are fetched.
   */
  check?: ((folder: string) => Promise<void>) | undefined;
  log?: ((line: string) => void) | undefined;
  /**
   * Is called as bytes arrive, with the number of bytes that are here and the number that is
   * needed.
   */
  onProgress?: ((done: number, total: number) => void) | undefined;
  patience?: HubPatience | undefined;
}

/** A model that was pulled from the hub, and whether anything was fetched. */
export interface HubPull extends ExistingModel {
  /** `cache`: everything was on this machine already. */
  source: 'hub' | 'cache';
}

/**
 * Fetches a model of the hub: the files that the engine opens, at the commit for which the revision
 * stands now. Files in the hub's own cache are linked. Where the hub cannot be asked, what is on
 * this machine is taken. Errors: HUB_DENIED, HUB_UNAVAILABLE, MODEL_NOT_FOUND, MODEL_UNSUPPORTED,
 * MODEL_INVALID, MODEL_CHECKSUM_MISMATCH, SETTING_INVALID, STORE_FULL; those of `check`; the
 * system's.
 */
export async function pullFromHub(name: HubName, options: HubPullOptions = {}): Promise<HubPull> {
  const { log = () => {}, patience } = options;
  const settings = hubSettings();
  const client = new HubClient(settings, name, { ...(patience && { patience }), log });
  const listing = await findListing(name, { settings, client, log, patience: patience ?? PATIENCE });
  const { commit } = listing;
  if (!isCommit(name.revision)) log(`${name.repository}: revision ${name.revision} is commit ${commit}`);
  if (listing.repository !== name.repository)
    log(`${name.repository}: the hub calls it ${listing.repository} now`);
  const progress = byteProgress(options.onProgress);
  const assembly = await ModelAssembly.open(
    { repository: name.repository, commit },
    {
      fetch: listing.fetch ?? ((...of) => downloadFile({ ...name, commit, client, settings }, ...of)),
      foreign: snapshotFolder(settings, { ...name, commit }),
      log,
      onBytes: progress.add,
    },
  );
  try {
    await assemble(assembly, listing, name, options, progress);
    const { fetched } = assembly;
    const existing = await assembly.publish();
    const before = await findPulled(name);
    if (before && before.lock.commit !== commit)
      log(
        `${name.repository}: revision ${name.revision} was commit ${before.lock.commit}, which stays here, too`,
      );
    await pinRevision(name, commit);
    return { ...existing, source: fetched > 0 ? 'hub' : 'cache' };
  } catch (error) {
    // What was fetched is kept for the next attempt where one can succeed.
    if (!isVectormillError(error)) throw error;
    if (error.code !== 'HUB_UNAVAILABLE') await assembly.discard();
    throw aboutRepository(error, name, assembly.folder);
  }
}

/** Files from the hub, or from its cache, which may bring a way of its own to get them. */
interface FoundListing extends HubListing {
  fetch?: FileFetcher;
}

async function findListing(
  name: HubName,
  from: {
    settings: HubSettings;
    client: HubClient;
    log: (line: string) => void;
    patience: HubPatience;
  },
): Promise<FoundListing> {
  const { settings, client, log } = from;
  const here = await listingHere(name, settings);
  try {
    // Nobody should wait long for an answer that is not needed.
    const hasty = here && new HubClient(settings, name, { patience: hastened(from.patience) });
    return await listHubFiles(hasty ?? client, settings, name);
  } catch (error) {
    if (!(error instanceof HubUnavailable) || !here) throw error;
    log(`${error.message}; what is on this machine is taken`);
    return {
      ...here,
      fetch: async ({ path }) => {
        throw new HubUnavailable(
          { endpoint: addressOfHub(settings), repository: name.repository },
          `${path} is not on this machine, and ${error.message}`,
        );
      },
    };
  }
}

function hastened({ answerMs, silenceMs, retry }: HubPatience): HubPatience {
  return { answerMs: answerMs / 3, silenceMs, retry: { ...retry, attempts: 1 } };
}

/** Lists what an earlier pull, or the hub's cache, holds of a revision. */
async function listingHere(name: HubName, settings: HubSettings): Promise<HubListing | undefined> {
  const { repository } = name;
  const pulled = await findPulled(name);
  if (pulled) {
    const files = pulled.lock.files.map(({ path, bytes, sha256 }) => ({
      path,
      bytes,
      hash: { kind: 'sha256' as const, hex: sha256 },
    }));
    return { commit: pulled.lock.commit, repository, files };
  }
  const commit = await cachedCommit(settings, name);
  if (commit === undefined) return undefined;
  const files = await listSnapshot(snapshotFolder(settings, { repository, commit }));
  return files.length > 0 ? { commit, repository, files } : undefined;
}

/** Brings a model's files together, those that say whether it can be computed first. */
async function assemble(
  assembly: ModelAssembly,
  { files }: HubListing,
  name: HubName,
  { file, check }: HubPullOptions,
  progress: ByteProgress,
): Promise<void> {
  const modules = files.find(({ path }) => path === 'modules.json');
  if (modules) await assembly.add(modules);
  const folders = modules ? await moduleFolders(assembly.folder) : [''];
  const chosen = chooseModelFiles(files, { repository: name.repository, folders, file });
  const all = [...chosen.settings, ...chosen.weights];
  progress.expect(all.reduce((sum, { bytes }) => sum + bytes, 0));
  for (const one of chosen.settings) await assembly.add(one);
  // A graph of another tool says itself what it computes.
  const isComputedHere = !chosen.weights.some(({ path }) => path.endsWith('.onnx'));
  if (isComputedHere)
    await check?.(assembly.folder).catch((error: unknown) => {
      throw withExports(error, name, exportsIn(files, folders));
    });
  await assembly.assertRoom(all);
  for (const one of chosen.weights) await assembly.add(one);
}

/** Adds the ONNX file that may be used instead to the error of a model that is not computed. */
function withExports(error: unknown, name: HubName, [first]: readonly string[]): unknown {
  if (!isVectormillError(error) || first === undefined) return error;
  const line = `vectormill model pull ${hubNameText(name)} --file ${first}`;
  return retold(error, (text) => text, ` It has an ONNX file, too: ${line}`);
}

/**
 * Puts the repository's name in the place of a folder, which will be gone, into an error.
 */
function aboutRepository(error: VectormillError, { repository }: HubName, folder: string): VectormillError {
  const said = (text: string) => text.replaceAll(`${folder}/`, '').replaceAll(folder, repository);
  const told = retold(error, said);
  return told.message.includes(repository)
    ? told
    : retold(told, (text) => (text === told.message ? `${repository}: ${text}` : text));
}

function retold(error: VectormillError, say: (text: string) => string, more = ''): VectormillError {
  return new VectormillError(error.code, say(error.message), {
    component: error.component,
    remedy: `${say(error.remedy)}${more}`,
    ...(error.file !== undefined && { file: say(error.file) }),
    cause: error.cause,
  });
}

interface ByteProgress {
  expect(total: number): void;
  add(bytes: number): void;
}

function byteProgress(report: HubPullOptions['onProgress']): ByteProgress {
  let done = 0;
  let total = 0;
  return {
    expect: (bytes) => {
      total = bytes;
    },
    add: (bytes) => {
      done += bytes;
      if (total > 0) report?.(done, total);
    },
  };
}
