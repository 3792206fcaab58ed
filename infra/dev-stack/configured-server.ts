import { VectormillError } from '../../core/errors.js';
import { temporalAnswers } from './start-temporal.js';
import { ensureBucket } from './start-versitygw.js';

/**
 * Checks the server that the environment names. Errors: TEMPORAL_UNAVAILABLE when nothing answers
 * at its address.
 */
export async function checkConfiguredTemporal(address: string): Promise<void> {
  try {
    await temporalAnswers(address, temporalNamespace());
  } catch (cause) {
    throw new VectormillError('TEMPORAL_UNAVAILABLE', `no Temporal server answers at ${address}`, {
      component: 'dev-stack',
      remedy: 'Start it, or unset TEMPORAL_ADDRESS to have a dev server started.',
      cause,
    });
  }
}

/** Makes the bucket on the server that the environment names. Errors: STORE_UNAVAILABLE. */
export async function checkConfiguredS3(endpoint: string, bucket: string): Promise<void> {
  try {
    await ensureBucket(undefined, bucket);
  } catch (cause) {
    const message = `the S3 server at ${endpoint} does not let us use the bucket ${bucket}: ${(cause as Error).message}`;
    throw new VectormillError('STORE_UNAVAILABLE', message, {
      component: 'dev-stack',
      remedy:
        'Start it and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or unset AWS_ENDPOINT_URL_S3 ' +
        'to have a server started.',
      cause,
    });
  }
}

export function temporalNamespace(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.TEMPORAL_NAMESPACE || 'default';
}
