import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Finding, runChecks } from '../../../cli/doctor/check.js';
import { settingsCheck } from '../../../cli/doctor/settings-check.js';
import { temporalChecks } from '../../../cli/doctor/temporal-checks.js';
import { useTemporaryFolder } from '../../engine/model/temporary-folder.js';
import { type SecuredTemporal, startApiKeyProxy, startMtlsProxy } from '../../support/secured-temporal.js';
import { type TestNamespace, testNamespace } from '../../support/temporal.js';
import { TestAuthority } from '../../support/test-certificates.js';

export const API_KEY = 'a-key-that-nobody-may-see';
/** The keys that are let in at the time. */
export const keys = new Set([API_KEY]);
/** The name that the certificate of `byName` is for. */
export const HOST = 'temporal.test';

const folder = useTemporaryFolder();
export const at = (...names: string[]) => join(folder.path, ...names);
const before = { ...process.env };
export let direct: TestNamespace;
export let authority: TestAuthority;
/** Nobody trusts what it signs. */
export let stranger: TestAuthority;
export let mtls: SecuredTemporal;
export let keyed: SecuredTemporal;
/** Takes a client certificate, and has a certificate for a name that is not its address. */
export let byName: SecuredTemporal;

beforeAll(async () => {
  direct = await testNamespace();
  authority = await TestAuthority.create(at('ca'));
  stranger = await TestAuthority.create(at('other-ca'));
  const server = await authority.sign('server');
  const named = await authority.sign('named', { host: HOST });
  await authority.sign('client');
  await authority.sign('expired', { days: -1 });
  await stranger.sign('stranger');
  byName = await startMtlsProxy(direct.address, named, authority.cert);
  mtls = await startMtlsProxy(direct.address, server, authority.cert);
  keyed = await startApiKeyProxy(direct.address, server, keys);
});

afterEach(() => {
  process.env = { ...before };
});

afterAll(async () => {
  await mtls?.close();
  await byName?.close();
  await keyed?.close();
  await direct?.close();
});

/** Sets the variables that are given, and no other setting of Temporal. */
export function setTemporal(variables: NodeJS.ProcessEnv): void {
  process.env = { ...before, TEMPORAL_NAMESPACE: direct.namespace, ...variables };
  if (!variables.TEMPORAL_ADDRESS) delete process.env.TEMPORAL_ADDRESS;
}

export const byCertificate = (client: string): NodeJS.ProcessEnv => ({
  TEMPORAL_ADDRESS: mtls.address,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert,
  TEMPORAL_TLS_CLIENT_CERT_PATH: at(`${client}.pem`),
  TEMPORAL_TLS_CLIENT_KEY_PATH: at(`${client}.key`),
});

export const byKey = (apiKey: string): NodeJS.ProcessEnv => ({
  TEMPORAL_ADDRESS: keyed.address,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert,
  TEMPORAL_API_KEY: apiKey,
});

/** Writes a profile that says what `byCertificate` says. */
export async function writeProfile(): Promise<NodeJS.ProcessEnv> {
  const toml = `[profile.prod]
address = "${mtls.address}"
namespace = "${direct.namespace}"
[profile.prod.tls]
server_ca_cert_path = "${authority.cert}"
client_cert_path = "${at('ca/client.pem')}"
client_key_path = "${at('ca/client.key')}"
`;
  await writeFile(at('temporal.toml'), toml);
  return { TEMPORAL_CONFIG_FILE: at('temporal.toml'), TEMPORAL_PROFILE: 'prod' };
}

/**
 * Lets the doctor examine the way to Temporal. Returns the names of what failed, and all that was
 * found.
 */
export async function examined(): Promise<{ failed: string[]; found: string }> {
  const findings: Finding[] = [];
  for await (const finding of runChecks([settingsCheck, ...temporalChecks()])) findings.push(finding);
  return {
    failed: findings.flatMap(({ status, name }) => (status === 'failed' ? [name] : [])),
    found: findings.map(({ found }) => found).join('\n'),
  };
}
