import { EXECUTION_PROVIDERS } from '../../engine/model/execution-provider.js';
import { findLack } from '../../engine/model/session/probe-provider.js';
import { type Check, ok } from './check.js';

/**
 * What can compute models here, and what each of the others lacks; asking for one that lacks
 * something is the model's check.
 */
export const providersCheck: Check = {
  name: 'providers',
  needs: 'onnxruntime',
  run: async () => {
    const there: string[] = [];
    const others: string[] = [];
    for (const provider of EXECUTION_PROVIDERS) {
      const lack = await findLack(provider);
      if (lack) others.push(`${provider}: ${lack.missing}`);
      else there.push(provider);
    }
    return ok([there.join(', '), ...others].join('; '));
  },
};
