import { isVectormillError, VectormillError } from '../../core/errors.js';
import { workflowId } from '../../core/workflow-api.js';
import { temporalSettings } from '../environment.js';
import { withTemporal } from './connect.js';
import { listJobs } from './find-job.js';

/**
 * The output roots of the dataset's jobs, each once, that of the latest job first. If there are
 * jobs of the named version, only their roots are returned. Errors: USAGE naming the other ways to
 * say where a dataset lies.
 */
export async function outputsOfJobs(dataset: string, version: string): Promise<string[]> {
  const { address } = temporalSettings();
  const outputs = await withTemporal(async (client) => {
    const wanted = workflowId({ dataset, version });
    const anyVersion = workflowId({ dataset, version: '' });
    const ofVersion = new Set<string>();
    const ofDataset = new Set<string>();
    for await (const { workflowId: id, memo } of listJobs(client)) {
      if (!id.startsWith(anyVersion) || typeof memo?.output !== 'string') continue;
      ofDataset.add(memo.output);
      if (id === wanted) ofVersion.add(memo.output);
    }
    return [...(ofVersion.size > 0 ? ofVersion : ofDataset)];
  }).catch((error: unknown) => {
    if (isVectormillError(error) && error.code === 'TEMPORAL_UNAVAILABLE')
      throw unknownPlace(dataset, `and no Temporal server answers at ${address}`, error);
    throw error;
  });
  if (outputs.length === 0)
    throw unknownPlace(dataset, `and the Temporal server at ${address} knows no job of it`);
  return outputs;
}

function unknownPlace(dataset: string, why: string, cause?: unknown): VectormillError {
  return new VectormillError('USAGE', `nothing says where the dataset ${dataset} lies, ${why}`, {
    component: 'cli',
    cause,
    remedy: `Give --output s3://bucket/prefix (or a path), set VECTORMILL_OUTPUT, or name the whole place: ./out/${dataset}.`,
  });
}
