import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

export interface CertificatePaths {
  cert: string;
  key: string;
}

/** A CA in a folder of its own, which signs certificates by `openssl`. */
export class TestAuthority {
  readonly cert: string;
  readonly #key: string;

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.cert = join(folder, 'ca.pem');
    this.#key = join(folder, 'ca.key');
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...key, '-keyout', this.#key, '-out', this.cert, '-subj', '/CN=a test CA');
  }

  /** Signs a certificate for 127.0.0.1, valid for `days` from now; -1 is one that has expired. */
  sign(name: string, days = 1): CertificatePaths {
    const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'ext'].map((ending) =>
      join(this.folder, `${name}.${ending}`),
    ) as [string, string, string, string];
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
    writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1\n');
    const signer = ['-CA', this.cert, '-CAkey', this.#key, '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      request,
      ...signer,
      '-days',
      `${days}`,
      '-extfile',
      extensions,
      '-out',
      cert,
    );
    return { cert, key };
  }
}

function openssl(...line: string[]): void {
  execFileSync('openssl', line, { stdio: 'pipe' });
}
