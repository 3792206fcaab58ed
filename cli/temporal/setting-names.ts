import { type ErrorDetails, VectormillError } from '../../core/errors.js';

const VARIABLES: Readonly<Record<string, string>> = {
  address: 'TEMPORAL_ADDRESS',
  namespace: 'TEMPORAL_NAMESPACE',
  api_key: 'TEMPORAL_API_KEY',
  client_cert_path: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
  client_cert_data: 'TEMPORAL_TLS_CLIENT_CERT_DATA',
  client_key_path: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
  client_key_data: 'TEMPORAL_TLS_CLIENT_KEY_DATA',
  server_ca_cert_path: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  server_ca_cert_data: 'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
};

/**
 * Returns the name of a setting for a message: its variable, or its key in the profile that holds
 * it.
 */
export function nameOfSetting(key: string, environment: NodeJS.ProcessEnv = process.env): string {
  const variable = VARIABLES[key] ?? `TEMPORAL_GRPC_META_${key.toUpperCase().replaceAll('-', '_')}`;
  if (environment[variable]) return variable;
  return `\`${key}\` of the profile ${environment.TEMPORAL_PROFILE || 'default'} in ${nameOfFile(environment)}`;
}

/** Returns the name of the profiles' file for a message. */
export function nameOfFile(environment: NodeJS.ProcessEnv): string {
  return environment.TEMPORAL_CONFIG_FILE || 'the temporal.toml of this user';
}

/** Returns the error for a setting with which no server can be asked. */
export function settingInvalid(
  message: string,
  { remedy, ...place }: Partial<ErrorDetails> = {},
): VectormillError {
  return new VectormillError('SETTING_INVALID', message, {
    component: 'cli',
    remedy: remedy ?? 'Correct it; docs/operations.md lists the variables and shows a temporal.toml.',
    ...place,
  });
}

/** Returns the error for a server that cannot be reached, or that does not have the namespace. */
export function temporalUnavailable(
  message: string,
  { cause, remedy }: Partial<ErrorDetails> = {},
): VectormillError {
  return new VectormillError('TEMPORAL_UNAVAILABLE', message, {
    component: 'cli',
    cause,
    remedy: remedy ?? 'Start one (`make up`), or correct TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.',
  });
}

/**
 * Returns the error for credentials that the server does not accept, or that are not valid at this
 * time.
 */
export function temporalDenied(message: string, remedy: string, cause?: unknown): VectormillError {
  return new VectormillError('TEMPORAL_DENIED', message, { component: 'cli', remedy, cause });
}
