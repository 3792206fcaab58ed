import { S3_VARIABLES, s3Endpoint } from '../engine/store/s3-variables.js';
import { findStack } from './find-stack.js';

/** The environment variables that say, besides a profile, how to connect to Temporal. */
const TEMPORAL_VARIABLES = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
  'TEMPORAL_TLS_SERVER_NAME',
] as const;

/** The place from which the settings of a service come. */
type Source = 'stack' | 'environment';

/** Says where this process has its settings from. */
export interface SettingsSources {
  /** The file of the dev stack that was found, whether or not it is used. */
  file?: string;
  temporal: Source;
  s3: Source;
  /** Whether the Temporal server is the stack's, whichever of the two named it. */
  isStackTemporal?: boolean;
  /** Variables that are set but not used, because the stack has values of its own. */
  passedOver: readonly string[];
  /** The reason why a stack that was found is not used. */
  notUsed?: string;
  /** Whether the user is told of it before anything else, because it may be a surprise. */
  isSurprising?: boolean;
}

let sources: SettingsSources = { temporal: 'environment', s3: 'environment', passedOver: [] };

/**
 * Returns the places from which this process has its settings. It may be called once `loadDevStack`
 * has run.
 */
export function settingsSources(): SettingsSources {
  return sources;
}

/**
 * Takes the settings of Temporal and of S3 from the dev stack that was found at `folder` or above
 * it, so that commands find the servers that `make up` started. Each service has all its settings
 * from one place, the stack or the environment:
 * - A Temporal address in the environment is used. If it is not the stack's address, another stack
 *   is meant, and nothing of this one is used. The same holds for a profile of `temporal.toml` that
 *   the environment names.
 * - An S3 endpoint in the environment that is not the stack's is used with the keys and region of
 *   the environment. Without such an endpoint, or with the stack's own, keys and region are the
 *   stack's, even if the environment has others. An empty variable counts as not set.
 */
export function loadDevStack(environment: NodeJS.ProcessEnv, folder: string): SettingsSources {
  sources = takeStack(environment, folder);
  return sources;
}

function takeStack(environment: NodeJS.ProcessEnv, folder: string): SettingsSources {
  const own: SettingsSources = { temporal: 'environment', s3: 'environment', passedOver: [] };
  const stack = findStack(folder);
  if (stack.kind === 'none') return own;
  const { file } = stack;
  if (stack.kind === 'refused') return { ...own, file, notUsed: `it ${stack.why}`, isSurprising: true };
  const { values } = stack;
  const address = environment.TEMPORAL_ADDRESS;
  const profile = ['TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].find((name) => environment[name]);
  if (!address && profile) return { ...own, file, notUsed: `${profile} names another Temporal` };
  if (address && !isSameHost(address, values.TEMPORAL_ADDRESS))
    return { ...own, file, notUsed: `TEMPORAL_ADDRESS names another Temporal, ${address}` };
  const passedOver = address ? [] : take(environment, values, TEMPORAL_VARIABLES);
  const temporal: Source = address ? 'environment' : 'stack';
  const endpoint = s3Endpoint(environment);
  if (!values.AWS_ENDPOINT_URL_S3 || (endpoint && !isSameHost(endpoint, values.AWS_ENDPOINT_URL_S3)))
    return { file, temporal, s3: 'environment', isStackTemporal: true, passedOver };
  // The keys of a server that already ran before `make up` are in the environment, and are not
  // written down.
  const hasKeys = values.AWS_ACCESS_KEY_ID !== undefined;
  passedOver.push(...take(environment, values, hasKeys ? S3_VARIABLES : ['AWS_ENDPOINT_URL_S3']));
  return { file, temporal, s3: 'stack', isStackTemporal: true, passedOver };
}

/**
 * Sets each variable to the stack's value, or unsets it. Returns the names of those that had other
 * values.
 */
function take(
  environment: NodeJS.ProcessEnv,
  values: Readonly<Record<string, string>>,
  names: readonly string[],
): string[] {
  const passedOver = names.filter((name) => environment[name] && environment[name] !== values[name]);
  for (const name of names) {
    const value = values[name];
    if (value === undefined) delete environment[name];
    else environment[name] = value;
  }
  return passedOver;
}

/** Returns whether two addresses, each with or without `http://`, name the same server. */
function isSameHost(one: string, other: string | undefined): boolean {
  const plain = (address: string) => {
    const lower = address.toLowerCase().replace(/\/+$/, '');
    return lower.replace(/^(http:\/\/)?localhost(?=:|$)/, (_, scheme: string = '') => `${scheme}127.0.0.1`);
  };
  return other !== undefined && plain(one) === plain(other);
}
