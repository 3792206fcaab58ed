import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../core/canonical-json.js';
import { differingFields, type JobRecord, jobIdentity } from '../../core/job-spec.js';
import { testSignature } from '../support/test-embedder.js';
import { testJob } from '../support/test-job.js';

const job = testJob('/corpora/test');
const equal = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b);
const changed = (spec: Partial<JobRecord['spec']>): JobRecord => ({ ...job, spec: { ...job.spec, ...spec } });

describe('a job', () => {
  it('keeps its identity when its limits change', () => {
    const other = changed({ limits: { rejectShare: 1, concurrency: 99 } });
    expect(canonicalJson(jobIdentity(other))).toBe(canonicalJson(jobIdentity(job)));
    expect(differingFields(job, other, equal)).toEqual([]);
  });

  it('keeps its identity with a lock of its model, with another, and with another place of models', () => {
    const modelLock = { repository: 'org/name', commit: '0'.repeat(40), files: [] };
    const other = { ...changed({ models: 's3://models' }), modelLock };
    expect(canonicalJson(jobIdentity(other))).toBe(canonicalJson(jobIdentity(job)));
    expect(differingFields(job, other, equal)).toEqual([]);
  });

  it('is a different job when anything else changes, and says in which fields', () => {
    const others = {
      output: 's3://elsewhere',
      parts: { rows: 5, tokens: 5 },
      input: { ...job.spec.input, csv: { quote: 'none' } },
      shardBytes: 5,
      vectors: { precision: 'int8' as const },
      chunking: { ...job.spec.chunking, overlap: 5 },
    };
    for (const [field, value] of Object.entries(others)) {
      expect(differingFields(job, changed({ [field]: value }), equal)).toEqual([field]);
    }
    expect(differingFields(job, changed(others), equal).sort()).toEqual(Object.keys(others).sort());
  });

  it('of a release that stored float32 alone is the same as one that asks for float32', () => {
    const { vectors: _, ...older } = job.spec;
    expect(differingFields(job, { ...job, spec: older }, equal)).toEqual([]);
    const asked = changed({ vectors: { precision: 'uint8' } });
    expect(differingFields(asked, { ...job, spec: older }, equal)).toEqual(['vectors']);
  });

  it('is a different job when its model is different', () => {
    const other = testJob('/corpora/test', {}, { ...testSignature, weightsSha256: '9'.repeat(64) });
    expect(differingFields(job, other, equal)).toEqual(['fingerprint']);
  });
});
