import { hash } from 'node:crypto';

/** sha256 in hex; strings are hashed as UTF-8. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
