import { Client, Connection } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { temporalSettings } from '../environment.js';

const CONNECT_TIMEOUT = '5s';

/** Runs `use` with a client of the configured server. Errors: TEMPORAL_UNAVAILABLE. */
export async function withTemporal<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const { address, namespace } = temporalSettings();
  const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT }).catch(
    (cause: unknown) => {
      throw new VectormillError('TEMPORAL_UNAVAILABLE', `no Temporal server answers at ${address}`, {
        component: 'cli',
        cause,
        remedy: 'Start one (`make up`), or set TEMPORAL_ADDRESS.',
      });
    },
  );
  try {
    return await use(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}
