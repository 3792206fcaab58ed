import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXECUTION_PROVIDERS, type ExecutionProvider } from '../../../../engine/model/execution-provider.js';
import { openEmbedder } from '../../../../engine/model/find/find-model.js';
import {
  type MissingRequirement,
  missingRequirementOf,
} from '../../../../engine/model/session/execution-provider-needs.js';
import { listSupportedBackends } from '../../../../engine/model/session/onnx-runtime.js';
import {
  findMissingRequirement,
  probeExecutionProvider,
} from '../../../../engine/model/session/probe-execution-provider.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { TINY, writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
let source = '';
beforeAll(async () => {
  source = join(folder.path, 'tiny');
  await writeTinyModel(source);
});

const accelerators = EXECUTION_PROVIDERS.filter((provider) => provider !== 'cpu');
// The runtime decides, because a driver's libraries may be installed without a device.
const lacks = new Map<ExecutionProvider, MissingRequirement | undefined>();
for (const provider of accelerators) lacks.set(provider, await findMissingRequirement(provider));
const lacking = accelerators.filter((provider) => lacks.get(provider));
const present = accelerators.filter((provider) => !lacks.get(provider));

describe('an execution provider', () => {
  test('that is the CPU lacks nothing on any machine', async () => {
    expect(missingRequirementOf('cpu')).toBeUndefined();
    await probeExecutionProvider('cpu');
  });

  test('without a build for this platform says which builds have it', () => {
    const backends = new Set(listSupportedBackends().map(({ name }) => name));
    const foreign = accelerators.filter((provider) => !backends.has(provider));
    expect(foreign.length).toBeGreaterThan(0);
    for (const provider of foreign)
      expect(missingRequirementOf(provider)?.missing).toMatch(
        `${process.platform} ${process.arch} has no ${provider}`,
      );
  });

  test.runIf(missingRequirementOf('cuda') && listSupportedBackends().some(({ name }) => name === 'cuda'))(
    'names the files and libraries that it lacks, and how to get them',
    () => {
      expect(missingRequirementOf('cuda')).toMatchObject({
        missing: expect.stringMatching(/^lib\S+(, lib\S+)* not found$/),
        remedy: expect.stringMatching(/make gpu.*CUDA 12.*cuDNN 9/),
      });
      expect(missingRequirementOf('tensorrt')?.missing).toContain('libnvinfer.so.10');
    },
  );

  test.each(lacking)(
    '%s, which this machine lacks, is refused and never replaced by the CPU',
    async (provider) => {
      const refusal = { code: 'EXECUTION_PROVIDER_UNAVAILABLE', message: expect.stringContaining(provider) };
      await expect(probeExecutionProvider(provider)).rejects.toMatchObject(refusal);
      await expect(openEmbedder({ source, executionProvider: provider })).rejects.toMatchObject(refusal);
    },
  );

  // If the machine has one, it gives the same vectors up to rounding.
  test.each(present)('%s computes what the CPU computes', async (provider) => {
    const [cpu, other] = await Promise.all([
      openEmbedder({ source, sessions: 1 }),
      openEmbedder({ source, executionProvider: provider }),
    ]);
    try {
      const [a, b] = [await cpu.embed(['a b c', 'd']), await other.embed(['a b c', 'd'])];
      expect(b.vectors.length).toBe(2 * TINY.hidden);
      for (const [index, value] of a.vectors.entries()) expect(b.vectors[index]).toBeCloseTo(value, 2);
    } finally {
      await Promise.all([cpu.close(), other.close()]);
    }
  });

  test.each(accelerators)(
    '%s is refused for int8, which the runtime would compute on the CPU',
    async (provider) => {
      const opened = openEmbedder({ source, precision: 'int8', executionProvider: provider });
      await expect(opened).rejects.toMatchObject({
        code: 'MODEL_UNSUPPORTED',
        message: expect.stringContaining(provider),
      });
    },
  );
});
