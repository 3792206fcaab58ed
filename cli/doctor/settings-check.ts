import { readEncryptionKeys } from '../../engine/encryption/encryption-keys.js';
import { S3_VARIABLES, s3Endpoint } from '../../engine/store/s3-variables.js';
import { settingsSources } from '../environment.js';
import { temporalSettings } from '../temporal/temporal-settings.js';
import { type Check, note, ok } from './check.js';

/**
 * Says which servers are used, and where each of their settings comes from. It shows only the names
 * of keys.
 */
export const settingsCheck: Check = {
  name: 'settings',
  run: async () => {
    const { file, passedOver, notUsed, isSurprising } = settingsSources();
    const found = [
      temporalOrigin(),
      s3Origin(),
      ...(passedOver.length > 0 ? [`set and not used: ${passedOver.join(', ')}`] : []),
      ...(notUsed === undefined ? [] : [`${file} is not used: ${notUsed}`]),
    ].join('; ');
    return isSurprising
      ? note(
          found,
          'Run `make up` as this user, in a clone of your own, or set the variables of docs/operations.md.',
        )
      : ok(found);
  },
};

/** Says whether what Temporal stores is encrypted, and by which key. */
export const encryptionCheck: Check = {
  name: 'encryption',
  run: async () => {
    const keys = readEncryptionKeys();
    if (!keys) return ok('off: Temporal stores names, URIs and options of jobs as they are');
    const others = [...keys.byId.keys()].filter((id) => id !== keys.current);
    return ok(
      `on: by the key ${keys.current}${others.length > 0 ? `; ${others.join(', ')} can be read, too` : ''}`,
    );
  },
};

function temporalOrigin(): string {
  const { file, temporal } = settingsSources();
  const { address } = temporalSettings();
  if (temporal === 'stack') return `Temporal ${address} from ${file}`;
  const { TEMPORAL_PROFILE: profile, TEMPORAL_CONFIG_FILE: toml } = process.env;
  if (!process.env.TEMPORAL_ADDRESS && (profile || toml))
    return `Temporal ${address} from the profile ${profile || 'default'} of ${toml || 'temporal.toml'}`;
  return process.env.TEMPORAL_ADDRESS
    ? `Temporal ${address} from TEMPORAL_ADDRESS`
    : `Temporal ${address}, because nothing says another`;
}

function s3Origin(): string {
  const { file, s3 } = settingsSources();
  const set = S3_VARIABLES.filter((name) => process.env[name]);
  const server = s3Endpoint(process.env) ?? 'of AWS';
  if (s3 === 'stack')
    return `S3 ${server} with ${process.env.AWS_ACCESS_KEY_ID ? 'keys and region ' : ''}from ${file}`;
  return set.length > 0
    ? `S3 ${server} from ${set.join(', ')}`
    : `S3 ${server}, because nothing says another`;
}
