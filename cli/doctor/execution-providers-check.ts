import { EXECUTION_PROVIDERS } from '../../engine/model/execution-provider.js';
import { findMissingRequirement } from '../../engine/model/session/probe-execution-provider.js';
import { type Check, ok } from './check.js';

/**
 * Says what can compute models here, and what each other execution provider lacks. The check of the
 * model fails where one was asked for that lacks something.
 */
export const executionProvidersCheck: Check = {
  name: 'providers',
  needs: 'onnxruntime',
  run: async () => {
    const there: string[] = [];
    const others: string[] = [];
    for (const executionProvider of EXECUTION_PROVIDERS) {
      const requirement = await findMissingRequirement(executionProvider);
      if (requirement) others.push(`${executionProvider}: ${requirement.missing}`);
      else there.push(executionProvider);
    }
    return ok([there.join(', '), ...others].join('; '));
  },
};
