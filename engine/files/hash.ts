import { hash } from 'node:crypto';

/** Returns the sha256 in hex. Strings are hashed as UTF-8. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
