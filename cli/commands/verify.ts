import { counted } from '../../core/counted.js';
import { isVectormillError, VectormillError } from '../../core/errors.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { manifestFile, type VerifyReport } from '../../engine/verify/verify-report.js';
import { verifyVersion } from '../../engine/verify/verify-version.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { openModelOf } from '../open-model-of.js';
import { nonEmpty } from '../option-values.js';
import { showProgress } from '../progress.js';
import { verifyFailed, verifyQuickly } from '../verify-quickly.js';

export const verifyCommand: CommandDefinition = {
  examples: [
    'vectormill verify handbook',
    'vectormill verify handbook --quick',
    'vectormill verify ./out/handbook@v1 --no-probe --json',
  ],
  options: [
    outputOption,
    {
      flags: '--quick',
      description:
        'check only that every file is there with its size, graphs of indexes too, and that the records agree; no text and no vector is read',
    },
    { flags: '--no-probe', description: 'check the files only; load no model' },
    {
      flags: '--model <name>',
      description: "model to recompute the probe with, by name, path or .yaml file (default: the job's own)",
      parse: nonEmpty,
    },
  ],
  async run(input) {
    const { options, json } = input;
    const quick = options.quick === true;
    if (quick && options.model !== undefined)
      throw new VectormillError('USAGE', '--quick loads no model, and --model names one', {
        component: 'cli',
        remedy: 'Leave one of them out.',
      });
    const stores = storeCache();
    try {
      const { store, ...place } = await findDataset(input, stores.open);
      const version = await resolveVersion(store, place);
      const report = quick
        ? await verifyQuickly(version, json)
        : await verify(version, { probe: options.probe !== false, model: options.model, json });
      print(version, report, { quick, json });
      return report.differences.length === 0 ? 0 : 1;
    } finally {
      await stores.close();
    }
  },
};

/**
 * Checks the version. A model of another space is a difference like any other, so that it does not
 * hide the rest.
 */
async function verify(
  version: ReadableVersion,
  { probe, model, json }: { probe: boolean; model: unknown; json: boolean },
): Promise<VerifyReport> {
  const opened = probe ? await openModelOf(version, model).catch(mismatch) : undefined;
  const embedder = opened instanceof VectormillError ? undefined : opened;
  const progress = showProgress('verified', 'pairs of files', json);
  try {
    const report = await verifyVersion(version, embedder, progress.update);
    if (opened instanceof VectormillError)
      report.differences.push({
        file: manifestFile(version),
        what: opened.message,
      });
    return report;
  } finally {
    progress.stop();
    await embedder?.close();
  }
}

function mismatch(error: unknown): Embedder | VectormillError {
  if (isVectormillError(error) && error.code === 'FINGERPRINT_MISMATCH') return error;
  throw error;
}

function print(
  { location }: ReadableVersion,
  report: VerifyReport,
  { quick, json }: { quick: boolean; json: boolean },
): void {
  const { output, dataset, version } = location;
  const { files, chunks, bytes, probeCosine, differences } = report;
  const failure =
    differences.length > 0 ? verifyFailed(`${dataset}@${version}`, differences.length) : undefined;
  if (json) {
    const { code, message, remedy } = failure ?? {};
    const error = failure && { code, message, remedy };
    console.log(
      JSON.stringify({
        output,
        dataset,
        version,
        ok: !failure,
        quick,
        ...report,
        ...(error ? { error } : {}),
      }),
    );
    return;
  }
  for (const { file, what } of differences) console.log(`${file}: ${what}`);
  if (failure) {
    console.error(`failed (${failure.code}): ${failure.message}\n  → ${failure.remedy}`);
    return;
  }
  if (quick) {
    console.log(
      `${dataset}@${version} has its ${counted(files, 'file')}, ${counted(bytes, 'byte')}, and its records agree; without --quick the files are read, too.`,
    );
    return;
  }
  const probed = probeCosine === undefined ? 'probe left out' : `probe cosine ${probeCosine.toFixed(6)}`;
  console.log(
    `${dataset}@${version} is as its manifest says: ${counted(files, 'file')}, ${counted(chunks, 'chunk')}, ${counted(bytes, 'byte')}, ${probed}.`,
  );
}
