import { MINING_EDITION } from '../../core/editions.js';
import type {
  CandidateIndex,
  MiningRecord,
  MiningSpec,
  RecordedCrossEncoder,
} from '../../core/mining/mining-spec.js';
import { manifestHash } from '../index/open-index.js';
import { findCrossEncoder } from '../model/cross-encoder/find-cross-encoder.js';
import { assertOneLabel } from '../model/cross-encoder/onnx-cross-encoder.js';
import { assertModelsHold, namedModelOf } from '../model/fetch/models-hold.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import type { StoreOpener } from '../store/store-cache.js';
import { type ReadableVersion, resolveVersion } from '../version/resolve-version.js';
import { openCandidateIndex } from './candidate-index.js';
import { isMined } from './checkpoints.js';
import { type Mining, openMining } from './open-mining.js';

/**
 * Finds and checks the version and the models of a job, which `file` holds. It writes nothing but
 * the probe of the store. Errors: DATASET_NOT_FOUND, VERSION_NOT_FOUND; those of the cross-encoder,
 * of `openCandidateIndex` and of `assertModelsHold`; USAGE where the cross-encoder has several
 * labels.
 */
export async function prepareMining(
  spec: MiningSpec,
  openStore: StoreOpener,
  file: string,
): Promise<{ mining: Mining; record: MiningRecord }> {
  const version = await resolveVersion(openStore(spec.output), {
    dataset: spec.dataset,
    selector: spec.version,
  });
  const record = await miningRecord(version, spec, await recordedCrossEncoder(spec));
  const mining = openMining(version, record.spec);
  if (!(await isMined(mining))) {
    const { crossEncoder: encoder, models } = spec;
    const named = encoder ? [{ source: encoder.model, lock: record.crossEncoderLock }] : [];
    await assertModelsHold(models, [namedModelOf(version.job), ...named], { openStore, file });
  }
  await probeConditionalWrites(version.store);
  return { mining, record };
}

/**
 * Returns the record of a job over a version that was found. It is bound to that version's
 * manifest. Errors: those of `openCandidateIndex`.
 */
export async function miningRecord(
  version: ReadableVersion,
  spec: MiningSpec,
  { crossEncoderFingerprint, crossEncoderLock }: RecordedCrossEncoder,
): Promise<MiningRecord> {
  return {
    formatVersion: 1,
    edition: MINING_EDITION,
    spec: { ...spec, version: version.location.version },
    fingerprint: version.manifest.fingerprint,
    manifestSha256: await manifestHash(version),
    crossEncoderFingerprint,
    ...(crossEncoderLock && { crossEncoderLock }),
    index: await candidateIndex(version, spec),
  };
}

async function candidateIndex(
  version: ReadableVersion,
  { candidateIndex: name }: MiningSpec,
): Promise<CandidateIndex | null> {
  if (name === undefined) return null;
  const { index, record } = await openCandidateIndex(version, name, { mapped: true });
  await index.close();
  return record;
}

/**
 * Describes a job's cross-encoder after it was found and checked. Errors: those of the
 * cross-encoder, USAGE for several labels.
 */
export async function recordedCrossEncoder({
  crossEncoder,
}: Pick<MiningSpec, 'crossEncoder'>): Promise<RecordedCrossEncoder> {
  if (!crossEncoder) return { crossEncoderFingerprint: null };
  const model = await findCrossEncoder({ source: crossEncoder.model });
  assertOneLabel(model.signature);
  await model.check();
  const { fingerprint, lock } = model;
  return { crossEncoderFingerprint: fingerprint, ...(lock && { crossEncoderLock: lock }) };
}
