import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type EncryptionKeys, readEncryptionKeys } from '../../engine/encryption/encryption-keys.js';
import { PROJECT } from '../../infra/project.js';
import { compiledScript } from './compiled-script.js';

/** Makes a new key in the form of the variable, `<id>:<key>`. */
export function newKey(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}`;
}

/** Returns what the environment gives with these keys, of which the first encrypts. */
export function encryptionKeys(...keys: readonly string[]): EncryptionKeys {
  return readEncryptionKeys(encryptionVariables(...keys))!;
}

export function encryptionVariables(...keys: readonly string[]): Record<string, string> {
  return {
    VECTORMILL_ENCRYPTION_KEYS: keys.join(','),
    VECTORMILL_ENCRYPTION_KEY_ID: keys[0]!.split(':')[0]!,
  };
}

/** Returns the failure converter as a file that Node itself can load. */
export function compiledFailureConverter(): string {
  return compiledScript(join(PROJECT, 'workers', 'encryption', 'failure-converter.ts'));
}
