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
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    throw unavailable(`the Temporal server at ${address} does not answer for ${namespace}: ${reason}`, error);
  } finally {
    await connection.close();
  }
}

function unavailable(message: string, cause: unknown): VectormillError {
  return new VectormillError('TEMPORAL_UNAVAILABLE', message, {
    component: 'cli',
    cause,
    remedy: 'Start one (`make up`), or correct TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.',
  });
}
