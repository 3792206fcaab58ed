import type { MiningRecord, MiningSpec } from '../../core/mining/mining-spec.js';
import { findCrossEncoder } from '../model/find-cross-encoder.js';
import { assertOneLabel } from '../model/onnx-cross-encoder.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import type { StoreOpener } from '../store/store-cache.js';
import { resolveVersion } from '../version/resolve-version.js';
import { type Mining, openMining } from './open-mining.js';
import { manifestSha256 } from './plan-queries.js';

/**
 * A job's version and models, found and checked; writes nothing but the store's own probe.
 * Errors: DATASET_NOT_FOUND, VERSION_NOT_FOUND; those of the cross-encoder; USAGE where it has several labels.
 */
export async function prepareMining(
  spec: MiningSpec,
  openStore: StoreOpener,
): Promise<{ mining: Mining; record: MiningRecord }> {
  const version = await resolveVersion(openStore(spec.output), {
    dataset: spec.dataset,
    selector: spec.version,
  });
  const resolved = { ...spec, version: version.location.version };
  const record: MiningRecord = {
    formatVersion: 1,
    spec: resolved,
    fingerprint: version.manifest.fingerprint,
    manifestSha256: await manifestSha256(version),
    crossEncoderFingerprint: await crossEncoderFingerprint(spec),
  };
  await probeConditionalWrites(version.store);
  return { mining: openMining(version, resolved), record };
}

async function crossEncoderFingerprint({ crossEncoder }: MiningSpec): Promise<string | null> {
  if (!crossEncoder) return null;
  const model = await findCrossEncoder({ source: crossEncoder.model });
  assertOneLabel(model.signature);
  await model.check();
  return model.fingerprint;
}
