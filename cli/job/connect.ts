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
import { nameOfSetting, temporalDenied, temporalUnavailable } from '../temporal/setting-names.js';
import { type TemporalSettings, temporalSettings } from '../temporal/temporal-settings.js';

const CONNECT_TIMEOUT = '5s';

/** The statuses of gRPC for credentials that are not let in. */
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
/** The status of gRPC for what the server does not have. */
const NOT_FOUND = 5;

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
  await withTemporal(assertLetIn);
  return settings;
}

/**
 * Checks that the server lets a client into its namespace. Within `withTemporal`, the errors are
 * those that it tells.
 */
export async function assertLetIn({ workflowService, options }: Client): Promise<void> {
  await workflowService.describeNamespace({ namespace: options.namespace });
}

async function connect(settings: TemporalSettings): Promise<Connection> {
  const { address, tls, apiKey, metadata } = settings;
  const { problem } = await probeServer(settings);
  if (problem && (problem.step === 'certificate' || !goesByProxy())) throw problem.error;
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
    throw problem?.error ?? temporalUnavailable(`no Temporal server answers at ${address}`, { cause: error });
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
  const isMissing = hasStatus(error, [NOT_FOUND]) && /namespace/i.test(reason);
  if (error instanceof NamespaceNotFoundError || isMissing)
    return temporalUnavailable(`the Temporal server at ${address} has no namespace ${namespace}`, {
      cause: error,
      remedy: `Correct TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace}`,
    });
  if (!TOO_LARGE.test(reason))
    return temporalUnavailable(
      `the Temporal server at ${address} does not answer for ${namespace}: ${reason}`,
      { cause: error },
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
  return hasStatus(error, [PERMISSION_DENIED, UNAUTHENTICATED]);
}

function hasStatus(error: Error, codes: readonly number[]): boolean {
  const status = isGrpcServiceError(error) ? error : error.cause;
  return isGrpcServiceError(status) && codes.includes(status.code);
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

/** Returns whether gRPC connects by a proxy, which may reach what this machine cannot. */
function goesByProxy(): boolean {
  return ['grpc_proxy', 'https_proxy', 'http_proxy'].some((name) => process.env[name]);
}

/**
 * The words of gRPC and of the server for a message, an argument, a memo or an answer over their
 * limits.
 */
const TOO_LARGE = /larger than max|exceeds? (size )?limit|size limit|too large/i;
