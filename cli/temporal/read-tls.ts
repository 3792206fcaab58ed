import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientConfigTLS } from '@temporalio/envconfig';
import { nameOfSetting, settingInvalid, temporalDenied } from './setting-names.js';

/** PEM files, and the name that the server's certificate must have if it is not the address's. */
export interface TlsSettings {
  serverNameOverride?: string;
  serverRootCACertificate?: Buffer;
  clientCertPair?: { crt: Buffer; key: Buffer };
}

type Source = ClientConfigTLS['clientCert'];

interface Pem {
  bytes: Buffer;
  /** The variable or the key that gave it. */
  name: string;
}

/**
 * Reads what a profile says of TLS, and checks it before a server is asked: what is wrong with a
 * file can be said here, and a server only closes the connection. Errors: SETTING_INVALID;
 * TEMPORAL_DENIED for a client certificate that is not valid at this time.
 */
export function readTls(
  tls: ClientConfigTLS | undefined,
  environment: NodeJS.ProcessEnv,
): TlsSettings | boolean | undefined {
  if (tls === undefined) return undefined;
  if (tls.disabled) return false;
  const read = (source: Source, key: string) => readPem(source, key, environment);
  const authority = read(tls.serverCACert, 'server_ca_cert');
  const certificate = read(tls.clientCert, 'client_cert');
  const key = read(tls.clientKey, 'client_key');
  if (authority) parseCertificate(authority);
  if (certificate && !key) throw settingInvalid(`${certificate.name} is set, but no client key is`);
  if (key && !certificate) throw settingInvalid(`${key.name} is set, but no client certificate is`);
  if (certificate && key) checkPair(certificate, key);
  return {
    ...(tls.serverName !== undefined && { serverNameOverride: tls.serverName }),
    ...(authority && { serverRootCACertificate: authority.bytes }),
    ...(certificate && key && { clientCertPair: { crt: certificate.bytes, key: key.bytes } }),
  };
}

function readPem(source: Source, key: string, environment: NodeJS.ProcessEnv): Pem | undefined {
  if (source === undefined) return undefined;
  if ('data' in source)
    return { bytes: Buffer.from(source.data), name: nameOfSetting(`${key}_data`, environment) };
  const name = nameOfSetting(`${key}_path`, environment);
  try {
    return { bytes: readFileSync(source.path), name: `${name} (${source.path})` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw settingInvalid(`${name} names ${source.path}, which cannot be read (${code})`, {
      file: source.path,
    });
  }
}

function checkPair(certificate: Pem, key: Pem): void {
  const parsed = parseCertificate(certificate);
  if (!parsed.checkPrivateKey(parseKey(key)))
    throw settingInvalid(`the key of ${key.name} does not belong to the certificate of ${certificate.name}`);
  const renew = `Get a new client certificate, and set ${certificate.name} to it.`;
  if (Date.parse(parsed.validTo) < Date.now())
    throw temporalDenied(`the client certificate of ${certificate.name} expired on ${parsed.validTo}`, renew);
  if (Date.parse(parsed.validFrom) > Date.now())
    throw temporalDenied(
      `the client certificate of ${certificate.name} is not valid before ${parsed.validFrom}`,
      renew,
    );
}

function parseCertificate({ bytes, name }: Pem): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch {
    throw settingInvalid(`${name} is no certificate in PEM`);
  }
}

function parseKey({ bytes, name }: Pem): KeyObject {
  try {
    return createPrivateKey(bytes);
  } catch {
    throw settingInvalid(`${name} is no private key in PEM, or needs a passphrase`);
  }
}
