import { isVectormillError, VectormillError } from '../../core/errors.js';
import { workflowId } from '../../core/workflow-api.js';
import { temporalSettings } from '../environment.js';
import { withTemporal } from './connect.js';
import { listJobs } from './find-job.js';

/**
 * The output root that the dataset's latest job was given, that of the named version where there is one.
 * Errors: USAGE naming the other ways to say where a dataset lies.
 */
export async function outputOfJob(dataset: string, version: string): Promise<string> {
  const { address } = temporalSettings();
  const output = await withTemporal(async (client) => {
    const wanted = workflowId({ dataset, version });
    const anyVersion = workflowId({ dataset, version: '' });
    let latest: string | undefined;
    for await (const { workflowId: id, memo } of listJobs(client)) {
      if (!id.startsWith(anyVersion) || typeof memo?.output !== 'string') continue;
      if (id === wanted) return memo.output;
      latest ??= memo.output;
    }
    return latest;
  }).catch((error: unknown) => {
    if (isVectormillError(error) && error.code === 'TEMPORAL_UNAVAILABLE')
      throw unknownPlace(dataset, `and no Temporal server answers at ${address}`, error);
    throw error;
  });
  if (output === undefined)
    throw unknownPlace(dataset, `and the Temporal server at ${address} knows no job of it`);
  return output;
}

function unknownPlace(dataset: string, why: string, cause?: unknown): VectormillError {
  return new VectormillError('USAGE', `nothing says where the dataset ${dataset} lies, ${why}`, {
    component: 'cli',
    cause,
    remedy: `Give --output s3://bucket/prefix (or a path), set VECTORMILL_OUTPUT, or name the whole place: ./out/${dataset}.`,
  });
}
