import { Client, Connection, NamespaceNotFoundError, ServiceError } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { temporalSettings } from '../environment.js';

const CONNECT_TIMEOUT = '5s';

/** Runs `use` with a client of the configured server. Errors: TEMPORAL_UNAVAILABLE. */
export async function withTemporal<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const { address, namespace } = temporalSettings();
  const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT }).catch(
    (cause: unknown) => {
      throw unavailable(`no Temporal server answers at ${address}`, cause);
    },
  );
  try {
    return await use(new Client({ connection, namespace }));
  } catch (error) {
    if (!(error instanceof ServiceError || error instanceof NamespaceNotFoundError)) throw error;
    throw temporalError(error, { address, namespace });
  } finally {
    await connection.close();
  }
}

/**
 * The error behind a failed request. A message that is too large does not mean that the server is
 * unavailable.
 */
export function temporalError(
  error: Error,
  { address, namespace }: { address: string; namespace: string },
): VectormillError {
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  if (!TOO_LARGE.test(reason))
    return unavailable(
      `the Temporal server at ${address} does not answer for ${namespace}: ${reason}`,
      error,
    );
  return new VectormillError(
    'JOB_INVALID',
    `the Temporal server at ${address} does not take so much at once: ${reason}`,
    {
      component: 'cli',
      cause: error,
      remedy:
        'Make the job or schedule file shorter; globs under input.include stand for any number of objects.',
    },
  );
}

/**
 * The words of gRPC and of the server for a message, an argument, a memo or an answer over their
 * limits.
 */
const TOO_LARGE = /larger than max|exceeds? (size )?limit|size limit|too large/i;

function unavailable(message: string, cause: unknown): VectormillError {
  return new VectormillError('TEMPORAL_UNAVAILABLE', message, {
    component: 'cli',
    cause,
    remedy: 'Start one (`make up`), or correct TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.',
  });
}
