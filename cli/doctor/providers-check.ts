import { EXECUTION_PROVIDERS } from '../../engine/model/execution-provider.js';
import { findLack } from '../../engine/model/session/probe-provider.js';
import { type Check, ok } from './check.js';

/**
 * Says what can compute models here, and what each other execution provider lacks. The check of the
 * model fails where one was asked for that lacks something.
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
