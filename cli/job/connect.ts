import {
  Client,
  Connection,
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
} from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { readEncryptionKeys } from '../../engine/encryption/encryption-keys.js';
import { encryptionCodec } from '../../engine/encryption/payload-codec.js';
import { probeServer } from '../temporal/probe-server.js';
import { nameOfSetting, temporalDenied } from '../temporal/setting-names.js';
import { type TemporalSettings, temporalSettings } from '../temporal/temporal-settings.js';

const CONNECT_TIMEOUT = '5s';

/** The statuses of gRPC for credentials that are not let in. */
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/**
 * Runs `use` with a client of the configured server. Errors: TEMPORAL_UNAVAILABLE; TEMPORAL_DENIED;
 * SETTING_INVALID; PAYLOAD_UNREADABLE.
 */
export async function withTemporal<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const settings = temporalSettings();
  const dataConverter = { payloadCodecs: [encryptionCodec(readEncryptionKeys())] };
  const connection = await connect(settings);
  try {
    return await use(new Client({ connection, namespace: settings.namespace, dataConverter }));
  } catch (error) {
    if (
      !(error instanceof ServiceError || error instanceof NamespaceNotFoundError || isGrpcServiceError(error))
    )
      throw error;
    throw temporalError(error, settings);
  } finally {
    await connection.close();
  }
}

/**
 * Asks the server whether it lets these settings into their namespace. Errors: those of
 * `withTemporal`.
 */
export async function checkTemporal(): Promise<TemporalSettings> {
  const settings = temporalSettings();
  await withTemporal(({ workflowService }) =>
    workflowService.describeNamespace({ namespace: settings.namespace }),
  );
  return settings;
}

async function connect(settings: TemporalSettings): Promise<Connection> {
  const { address, tls, apiKey, metadata } = settings;
  const { refusal, unreachable } = await probeServer(settings);
  if (refusal) throw refusal;
  try {
    return await Connection.connect({
      address,
      connectTimeout: CONNECT_TIMEOUT,
      ...(tls !== undefined && { tls }),
      ...(apiKey !== undefined && { apiKey }),
      ...(metadata && { metadata }),
    });
  } catch (error) {
    if (error instanceof ServiceError && isDenied(error)) throw temporalError(error, settings);
    const why = unreachable === undefined ? '' : `: ${unreachable}`;
    throw unavailable(`no Temporal server answers at ${address}${why}`, error);
  }
}

/**
 * Returns the error behind a failed request. A message that is too large does not mean that the
 * server is unavailable.
 */
export function temporalError(error: Error, settings: TemporalSettings): VectormillError {
  const { address, namespace, apiKey } = settings;
  const told = error.cause instanceof Error ? error.cause.message : error.message;
  const reason = apiKey ? told.replaceAll(apiKey, '…') : told;
  if (isDenied(error)) return denied(settings, reason);
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

function isDenied(error: Error): boolean {
  const status = isGrpcServiceError(error) ? error : error.cause;
  return isGrpcServiceError(status) && [PERMISSION_DENIED, UNAUTHENTICATED].includes(status.code);
}

function denied({ address, namespace, apiKey }: TemporalSettings, reason: string): VectormillError {
  if (apiKey === undefined)
    return temporalDenied(
      `the Temporal server at ${address} does not let these settings into ${namespace}: ${reason}`,
      'Set TEMPORAL_API_KEY, or a client certificate that may use the namespace.',
    );
  const setting = nameOfSetting('api_key');
  return temporalDenied(
    `the Temporal server at ${address} refuses the key of ${setting} for ${namespace}: ${reason}`,
    `Set ${setting} to a key that has not expired and may use the namespace.`,
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
