import { readFileSync } from 'node:fs';
import { VectormillError } from '../../core/errors.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';

/** The keys with which a process encrypts and reads what Temporal stores for it. */
export interface EncryptionKeys {
  /** The id of the key by which new payloads are encrypted. */
  readonly current: string;
  /** The 32 bytes of each key, by its id. */
  readonly byId: ReadonlyMap<string, Uint8Array>;
}

/** The environment variables that say which keys there are. */
export const ENCRYPTION_VARIABLES = [
  'VECTORMILL_ENCRYPTION_KEYS',
  'VECTORMILL_ENCRYPTION_KEYS_FILE',
  'VECTORMILL_ENCRYPTION_KEY_ID',
] as const;

const [KEYS, KEYS_FILE, KEY_ID] = ENCRYPTION_VARIABLES;

/** The length of a key of AES-256, in bytes. */
const KEY_BYTES = 32;

/**
 * Reads the keys that the environment gives as `<id>:<key in base64>`; undefined where it gives
 * none. An empty variable counts as not set. No error shows a key. Errors: SETTING_INVALID.
 */
export function readEncryptionKeys(environment: NodeJS.ProcessEnv = process.env): EncryptionKeys | undefined {
  const { [KEYS]: listed, [KEYS_FILE]: file, [KEY_ID]: wanted } = environment;
  if (listed && file) throw invalid(`${KEYS} and ${KEYS_FILE} are both set`, 'Set one of the two.');
  const source = listed ? KEYS : `${KEYS_FILE} (${file})`;
  const text = listed || (file ? readKeysFile(file) : undefined);
  if (text === undefined) {
    if (wanted) throw invalid(`${KEY_ID} is set, but no key is`, `Set ${KEYS} or ${KEYS_FILE}, too.`);
    return undefined;
  }
  const byId = new Map<string, Uint8Array>();
  for (const [index, entry] of text
    .split(/[\s,]+/)
    .filter(Boolean)
    .entries()) {
    const { id, key } = parseEntry(entry, `entry ${index + 1} of ${source}`, source);
    if (byId.has(id))
      throw invalid(`${source} has two keys of the id ${id}`, 'Give each key an id of its own.');
    byId.set(id, key);
  }
  if (byId.size === 0) throw invalid(`${source} holds no key`, HOW_TO_MAKE_ONE);
  return { current: currentId(byId, wanted, source), byId };
}

function readKeysFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalid(`${KEYS_FILE} names ${file}, which cannot be read (${code})`, 'Correct it.', file);
  }
}

const HOW_TO_MAKE_ONE = 'Write it as <id>:<key>, with a key that `openssl rand -base64 32` makes.';

function parseEntry(entry: string, place: string, source: string): { id: string; key: Uint8Array } {
  const [, id = '', encoded = ''] = /^([^:]*):(.*)$/.exec(entry) ?? [];
  // What stands before the colon may be a key where the two were exchanged, so it is not shown.
  if (!NAME_PATTERN.test(id)) throw invalid(`${place} has no id: it must be ${NAME_RULE}`, HOW_TO_MAKE_ONE);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded))
    throw invalid(`the key ${id} of ${source} is not base64`, HOW_TO_MAKE_ONE);
  const key = Buffer.from(encoded, 'base64');
  if (key.length !== KEY_BYTES)
    throw invalid(
      `the key ${id} of ${source} has ${key.length} bytes, and AES-256 takes ${KEY_BYTES}`,
      HOW_TO_MAKE_ONE,
    );
  return { id, key };
}

function currentId(
  byId: ReadonlyMap<string, Uint8Array>,
  wanted: string | undefined,
  source: string,
): string {
  const ids = [...byId.keys()];
  const current = wanted || (ids.length === 1 ? ids[0] : undefined);
  const remedy = `Set ${KEY_ID} to the id of the key for new payloads.`;
  if (current === undefined)
    throw invalid(
      `${source} has ${ids.length} keys, ${ids.join(', ')}, and ${KEY_ID} names none of them`,
      remedy,
    );
  if (!byId.has(current))
    throw invalid(`${KEY_ID} names the key ${current}, and ${source} has ${ids.join(', ')}`, remedy);
  return current;
}

function invalid(message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError('SETTING_INVALID', message, {
    component: 'encryption',
    remedy,
    ...(file !== undefined && { file }),
  });
}
