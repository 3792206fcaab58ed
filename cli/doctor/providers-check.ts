import { EXECUTION_PROVIDERS } from '../../engine/model/execution-provider.js';
import { lackOf } from '../../engine/model/provider-needs.js';
import { type Check, ok } from './check.js';

/** What can compute models here, and what each of the others lacks; asking for one that lacks something is the model's check. */
export const providersCheck: Check = {
  name: 'providers',
  needs: 'onnxruntime',
  run: async () => {
    const lacks = EXECUTION_PROVIDERS.map((provider) => ({ provider, lack: lackOf(provider) }));
    const there = lacks.filter(({ lack }) => !lack).map(({ provider }) => provider);
    const others = lacks.flatMap(({ provider, lack }) => (lack ? [`${provider}: ${lack.missing}`] : []));
    return ok([there.join(', '), ...others].join('; '));
  },
};
