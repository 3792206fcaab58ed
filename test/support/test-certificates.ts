import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CertificateExtension, type GenerateResult, generate } from 'selfsigned';

export interface CertificatePaths {
  cert: string;
  key: string;
}

const DAY_MS = 86_400_000;
const EC = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** A CA, which signs certificates into a folder of its own. */
export class TestAuthority {
  /** The file of the CA's certificate. */
  readonly cert: string;

  private constructor(
    private readonly folder: string,
    private readonly own: GenerateResult,
  ) {
    this.cert = join(folder, 'ca.pem');
    writeFileSync(this.cert, own.cert);
  }

  /** Makes a CA with a key of its own. */
  static async create(folder: string): Promise<TestAuthority> {
    mkdirSync(folder, { recursive: true });
    const extensions: CertificateExtension[] = [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ];
    const own = await generate([{ name: 'commonName', value: 'a test CA' }], { ...EC, extensions });
    return new TestAuthority(folder, own);
  }

  /**
   * Signs a certificate for 127.0.0.1, or for the host that is given. It is valid from three days
   * before now until `days` from now; -1 is one that has expired.
   */
  async sign(
    name: string,
    { days = 1, host }: { days?: number; host?: string } = {},
  ): Promise<CertificatePaths> {
    const now = Date.now();
    const signed = await generate([{ name: 'commonName', value: name }], {
      ...EC,
      notBeforeDate: new Date(now - 3 * DAY_MS),
      notAfterDate: new Date(now + days * DAY_MS),
      ca: { cert: this.own.cert, key: this.own.private },
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [host ? { type: 2, value: host } : { type: 7, ip: '127.0.0.1' }],
        },
      ],
    });
    const paths = { cert: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}.key`) };
    writeFileSync(paths.cert, signed.cert);
    writeFileSync(paths.key, signed.private);
    return paths;
  }
}
