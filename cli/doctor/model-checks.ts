import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import { EXECUTION_PROVIDERS } from '../../engine/model/execution-provider.js';
import { findModel } from '../../engine/model/find/find-model.js';
import type { ModelResources } from '../../engine/model/model.js';
import { findMissingRequirement } from '../../engine/model/session/probe-execution-provider.js';
import { modelSettings } from '../model-settings.js';
import { type Check, ok } from './check.js';

/** Loads the native library alone, so that its failure is not taken for a failure of the model. */
export const runtimeCheck: Check = {
  name: 'onnxruntime',
  run: async () => {
    try {
      const { env } = await import('../../engine/model/session/onnx-runtime.js');
      return ok(`onnxruntime-node ${env.versions.node ?? env.versions.common}`);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new VectormillError('INTERNAL', `onnxruntime-node cannot be loaded: ${why}`, {
        component: 'doctor',
        cause,
        remedy: 'Run `npm ci` again on this machine; musl-based systems such as Alpine are not supported.',
      });
    }
  },
};

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

/** Finds a model, loads it, into one session unless more were asked for, and embeds a text. */
export function modelCheck(name: string, resources: ModelResources): Check {
  return {
    name: 'model',
    needs: 'onnxruntime',
    run: async () => {
      const model = await findModel(await modelSettings(name));
      const embedder = await model.open({ ...resources, sessions: resources.sessions ?? 1 });
      try {
        await embedder.embed(['a text']);
        const { signature, fingerprint } = embedder;
        return ok(
          `${model.location} embeds on ${resources.executionProvider ?? 'cpu'}, ${counted(signature.dimensions, 'dimension')}, fingerprint ${fingerprint.slice(0, 12)}`,
        );
      } finally {
        await embedder.close();
      }
    },
  };
}
