import type { CandidateIndex, MiningRecord, MiningSpec } from '../../core/mining/mining-spec.js';
import { manifestHash } from '../index/open-index.js';
import { findCrossEncoder } from '../model/cross-encoder/find-cross-encoder.js';
import { assertOneLabel } from '../model/cross-encoder/onnx-cross-encoder.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import type { StoreOpener } from '../store/store-cache.js';
import { type ReadableVersion, resolveVersion } from '../version/resolve-version.js';
import { openCandidateIndex } from './candidate-index.js';
import { type Mining, openMining } from './open-mining.js';

/**
 * Finds and checks a job's version and models. It writes nothing but the probe of the store.
 * Errors: DATASET_NOT_FOUND, VERSION_NOT_FOUND; those of the cross-encoder and of
 * `openCandidateIndex`; USAGE where the cross-encoder has several labels.
 */
export async function prepareMining(
  spec: MiningSpec,
  openStore: StoreOpener,
): Promise<{ mining: Mining; record: MiningRecord }> {
  const version = await resolveVersion(openStore(spec.output), {
    dataset: spec.dataset,
    selector: spec.version,
  });
  const record = await miningRecord(version, spec, await crossEncoderFingerprint(spec));
  await probeConditionalWrites(version.store);
  return { mining: openMining(version, record.spec), record };
}

/**
 * Returns the record of a job over a version that was found. It is bound to that version's
 * manifest. Errors: those of `openCandidateIndex`.
 */
export async function miningRecord(
  version: ReadableVersion,
  spec: MiningSpec,
  crossEncoderFingerprint: string | null,
): Promise<MiningRecord> {
  return {
    formatVersion: 1,
    spec: { ...spec, version: version.location.version },
    fingerprint: version.manifest.fingerprint,
    manifestSha256: await manifestHash(version),
    crossEncoderFingerprint,
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
 * Returns the fingerprint of a job's cross-encoder, after it was found and checked; null where the
 * job has none. Errors: those of the cross-encoder, USAGE for several labels.
 */
export async function crossEncoderFingerprint({
  crossEncoder,
}: Pick<MiningSpec, 'crossEncoder'>): Promise<string | null> {
  if (!crossEncoder) return null;
  const model = await findCrossEncoder({ source: crossEncoder.model });
  assertOneLabel(model.signature);
  await model.check();
  return model.fingerprint;
}
