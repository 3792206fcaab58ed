import type { MiningRecord } from '../../core/mining/mining-spec.js';

/** Returns a mining job in the form that its workflow receives. Nothing that it names exists. */
export function exampleMiningRecord(dataset: string, more: Partial<MiningRecord['spec']> = {}): MiningRecord {
  return {
    formatVersion: 1,
    spec: {
      output: 'memory://',
      dataset,
      version: 'v1',
      name: 'triplets',
      source: { kind: 'titles' },
      selection: { rangeMin: 0, numNegatives: 3, sampling: 'top', seed: 0, includePositives: false },
      format: 'triplet',
      scores: false,
      split: { devShare: 0, seed: 0 },
      exports: [],
      unknownShare: 0,
      ...more,
    },
    fingerprint: 'f',
    manifestSha256: '0'.repeat(64),
    crossEncoderFingerprint: null,
    index: null,
  };
}
