import { existsSync } from 'node:fs';
import { type ClientConfigProfile, loadClientConfigProfile } from '@temporalio/envconfig';
import type { VectormillError } from '../../core/errors.js';
import { settingsSources } from '../environment.js';
import { readTls, type TlsSettings } from './read-tls.js';
import { nameOfFile, nameOfSetting, settingInvalid } from './setting-names.js';

/** The settings with which a command or a worker makes its connection. */
export interface TemporalSettings {
  address: string;
  namespace: string;
  tls?: TlsSettings | boolean;
  apiKey?: string;
  metadata?: Record<string, string>;
}

/**
 * Returns the Temporal server to connect to, out of the variables and the profile of
 * `temporal.toml` that every Temporal SDK reads. An empty variable counts as not set. Errors:
 * SETTING_INVALID; TEMPORAL_DENIED for a client certificate that is not valid at this time.
 */
export function temporalSettings(environment: NodeJS.ProcessEnv = process.env): TemporalSettings {
  const { address, namespace, apiKey, tls, grpcMeta } = loadProfile(environment);
  for (const [key, value] of Object.entries({ address, namespace, api_key: apiKey, ...grpcMeta }))
    assertHeader(key, value, environment);
  // A key is never sent in the clear, unless TLS was switched off by name.
  const tlsSettings = readTls(tls, environment) ?? (apiKey === undefined ? undefined : true);
  return {
    address: address || 'localhost:7233',
    namespace: namespace || 'default',
    ...(tlsSettings !== undefined && { tls: tlsSettings }),
    ...(apiKey !== undefined && { apiKey }),
    ...(grpcMeta !== undefined && Object.keys(grpcMeta).length > 0 && { metadata: grpcMeta }),
  };
}

/** Says whether a variable or a profile names a Temporal server. Errors: SETTING_INVALID. */
export function isTemporalConfigured(environment: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(loadProfile(environment).address);
}

function loadProfile(environment: NodeJS.ProcessEnv): ClientConfigProfile {
  const file = environment.TEMPORAL_CONFIG_FILE;
  const isNamed = environment.TEMPORAL_PROFILE || file;
  if (file && !existsSync(file))
    throw settingInvalid(`TEMPORAL_CONFIG_FILE names ${file}, which is not there`, { file });
  const overrideEnvVars = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  try {
    // A profile that nobody named may be meant for another server than the stack's.
    return loadClientConfigProfile({
      overrideEnvVars,
      disableFile: !isNamed && settingsSources().isStackTemporal === true,
    });
  } catch (error) {
    throw profileError(error, environment);
  }
}

/**
 * Returns the error for a profile. The message never quotes the file, because its lines may hold a
 * key.
 */
function profileError(error: unknown, environment: NodeJS.ProcessEnv): VectormillError {
  const { TEMPORAL_PROFILE: profile } = environment;
  const file = nameOfFile(environment);
  const { line, column, code, message } = error as Error & { line?: number; column?: number; code?: string };
  if (line !== undefined)
    return settingInvalid(`${file} is not valid TOML at line ${line}, column ${column}`, { position: line });
  if (code !== undefined) return settingInvalid(`${file} cannot be read (${code})`);
  if (profile && message.includes('not found in config data'))
    return settingInvalid(`TEMPORAL_PROFILE names the profile ${profile}, which ${file} does not have`);
  return message.startsWith('Cannot specify both')
    ? settingInvalid(`${file} and the variables give both a path and data: ${message}`)
    : settingInvalid(`${file} does not have the form of Temporal's profiles`);
}

/** A library that is given anything else shows the value in its error. */
function assertHeader(key: string, value: unknown, environment: NodeJS.ProcessEnv): void {
  if (value === undefined || (typeof value === 'string' && /^[\x20-\x7e]*$/.test(value))) return;
  throw settingInvalid(`${nameOfSetting(key, environment)} holds characters that cannot be sent`);
}
