import { canLend } from '../../core/can-lend.js';
import type { Probe, ProbeRecord } from '../../core/manifest.js';
import { MIN_PROBE_COSINE, probeCosine } from '../../core/metrics/probe-cosine.js';
import type { VectorEncoding } from '../../core/vector-precision.js';
import type { Lender } from '../reuse/lender.js';
import { openLenders } from '../reuse/open-lenders.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { readOnce } from '../version/read-once.js';
import { openSiblingLenders } from './sibling-lenders.js';
import type { StepTools } from './step-context.js';
import { computeProbe } from './write-manifest.js';

/**
 * Returns the versions whose vectors may stand in a part of this encoding: those of `openLenders`,
 * and then siblings. They are opened once for an open version. The job's probe is computed first: a
 * version whose probe is not this model's lends nothing, because a provider may change a model
 * without a word, and a night that fails lends to the next one only if it has a probe. Errors:
 * those of `openLenders` and of the embedder.
 */
export function lendersOf(
  tools: StepTools,
  version: OpenVersion,
  encoding: VectorEncoding,
): Promise<readonly Lender[]> {
  return readOnce(version, `lenders of ${encoding.precision}`, async () => {
    const { store, layout, job } = version;
    const named = await openLenders(store, job);
    const siblings = await openSiblingLenders(store, job, encoding);
    const lenders = [...named.filter((lender) => canLend(lender.encoding, encoding)), ...siblings];
    await computeProbe(tools, version);
    const probe = await readJsonRecord<ProbeRecord>(store, layout.probe, 1);
    return lenders.filter((lender) => isSameModel(lender.probe, probe));
  });
}

/** Compares the texts that both probes have. Probes without a common text prove nothing. */
function isSameModel(lender: Probe, own: Probe): boolean {
  const cosines = own.texts.flatMap((text, place) => {
    const vector = lender.vectors[lender.texts.indexOf(text)];
    return vector ? [probeCosine(vector, own.vectors[place]!)] : [];
  });
  return cosines.length > 0 && cosines.every((value) => value >= MIN_PROBE_COSINE);
}
