import { connect as connectPlainly, isIP, type Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import type { VectormillError } from '../../core/errors.js';
import { nameOfSetting, settingInvalid, temporalDenied, temporalUnavailable } from './setting-names.js';
import type { TemporalSettings } from './temporal-settings.js';

const PROBE_TIMEOUT_MS = 5000;

/** The first bytes of an HTTP/2 client: the preface, and settings without an entry. */
const GREETING = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** The fourth byte of an HTTP/2 server's first frame, which says that the frame holds settings. */
const SETTINGS_FRAME = 4;

/** The progress of an attempt to connect. */
interface Course {
  /** Whether the connection, with its TLS, stood. */
  stood: boolean;
  answer?: Buffer;
  error?: NodeJS.ErrnoException;
}

export interface ServerProbe {
  /** Whether it answered as a server of HTTP/2 does. */
  answers?: boolean;
  problem?: ServerProblem;
}

export interface ServerProblem {
  /** The step that failed: the name of the host, the connection, or TLS. */
  step: 'address' | 'server' | 'certificate';
  error: VectormillError;
}

/** The errors of a network, by their codes, and the words for them. */
const UNREACHABLE: Readonly<Record<string, readonly [step: ServerProblem['step'], why: string]>> = {
  ENOTFOUND: ['address', 'its name is not known (name resolution failed)'],
  EAI_AGAIN: ['address', 'its name is not known (name resolution failed)'],
  ECONNREFUSED: ['server', 'nothing listens there'],
  EHOSTUNREACH: ['server', 'no way leads to that machine'],
  ENETUNREACH: ['server', 'no way leads to that network'],
  ETIMEDOUT: ['server', `nothing answered for ${PROBE_TIMEOUT_MS / 1000} s`],
};

/**
 * Greets the server as an HTTP/2 client does, and reports the fault that a gRPC client would report
 * as a mere timeout: the name, the port, or the side whose certificate or TLS is not as the other
 * side expects. `signal` ends the wait for the server.
 */
export async function probeServer(settings: TemporalSettings, signal?: AbortSignal): Promise<ServerProbe> {
  const course = await greet(settings, signal);
  if (signal?.aborted) return {};
  const [step, why] = UNREACHABLE[course.error?.code ?? ''] ?? [];
  if (step && !course.stood)
    return {
      problem: {
        step,
        error: temporalUnavailable(`no Temporal server answers at ${settings.address}: ${why}`),
      },
    };
  const refusal = settings.tls
    ? ((await plainnessRefusal(settings, course)) ?? refusalByTls(settings, course))
    : await refusalWithoutTls(settings, course);
  return refusal
    ? { problem: { step: 'certificate', error: refusal } }
    : { answers: course.answer !== undefined };
}

function greet({ address, tls }: TemporalSettings, signal?: AbortSignal): Promise<Course> {
  const { host, port } = hostAndPort(address);
  return new Promise((resolve) => {
    const course: Course = { stood: false };
    const begin = (): Socket => {
      if (!tls) return connectPlainly({ host, port });
      const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls === true ? {} : tls;
      const servername = serverNameOverride ?? (isIP(host) ? undefined : host);
      return connectByTls({
        host,
        port,
        ALPNProtocols: ['h2'],
        ...(servername !== undefined && { servername }),
        ...(serverRootCACertificate && { ca: serverRootCACertificate }),
        ...(clientCertPair && { cert: clientCertPair.crt, key: clientCertPair.key }),
      });
    };
    const socket = begin();
    socket.setTimeout(PROBE_TIMEOUT_MS, () =>
      socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
    );
    const giveUp = () => socket.destroy();
    signal?.addEventListener('abort', giveUp);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      course.stood = true;
      socket.write(GREETING);
    });
    socket.once('data', (answer: Buffer) => {
      course.answer = answer;
      socket.destroy();
    });
    socket.on('error', (error) => {
      course.error ??= error;
    });
    socket.once('close', () => {
      signal?.removeEventListener('abort', giveUp);
      resolve(course);
    });
  });
}

function refusalByTls({ address, tls }: TemporalSettings, course: Course): VectormillError | undefined {
  const { stood, answer, error } = course;
  const code = error?.code ?? '';
  if (answer || code === 'ETIMEDOUT') return undefined;
  const pair = typeof tls === 'object' ? tls.clientCertPair : undefined;
  if (stood || /^ERR_SSL_.*ALERT/.test(code)) {
    const setting = clientCertificateName();
    return temporalDenied(
      pair
        ? `the Temporal server at ${address} refuses the client certificate of ${setting}${reasonOf(code)}`
        : `the Temporal server at ${address} ends the connection, as servers do that ask for a client certificate${reasonOf(code)}`,
      pair
        ? `Set ${setting} to a certificate that the server trusts.`
        : 'Set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or their keys in temporal.toml.',
      error,
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return settingInvalid(`the certificate of the Temporal server at ${address} is for another name`, {
      remedy: 'Correct TEMPORAL_ADDRESS, or set TEMPORAL_TLS_SERVER_NAME to the name of the certificate.',
    });
  if (/CERT|SIGNATURE|ISSUER/.test(code) && !code.startsWith('ERR_'))
    return settingInvalid(
      `the certificate of the Temporal server at ${address} is not trusted${reasonOf(code)}`,
      {
        remedy:
          'Set TEMPORAL_TLS_SERVER_CA_CERT_PATH, or its key in temporal.toml, to the CA that signed it.',
      },
    );
  return undefined;
}

/**
 * A server of the other kind may end the connection without a word, so that it is greeted its own
 * way.
 */
async function plainnessRefusal(
  { address, namespace }: TemporalSettings,
  { stood, error }: Course,
): Promise<VectormillError | undefined> {
  if (stood || isOfTls(error?.code) || error?.code === 'ETIMEDOUT') return undefined;
  const { answer } = await greet({ address, namespace });
  if (answer?.[3] !== SETTINGS_FRAME) return undefined;
  return settingInvalid(`the Temporal server at ${address} does not speak TLS, which the settings ask for`, {
    remedy: 'Set TEMPORAL_TLS=false, or name the server that takes TLS in TEMPORAL_ADDRESS.',
  });
}

async function refusalWithoutTls(
  settings: TemporalSettings,
  { stood, answer, error }: Course,
): Promise<VectormillError | undefined> {
  if (!stood || answer?.[3] === SETTINGS_FRAME || error?.code === 'ETIMEDOUT') return undefined;
  const { address } = settings;
  const course = await greet({ ...settings, tls: true });
  if (!course.stood && !isOfTls(course.error?.code)) return undefined;
  return settingInvalid(`the Temporal server at ${address} expects TLS, which the settings do not ask for`, {
    remedy: 'Set TEMPORAL_TLS=true and what else the server asks for.',
  });
}

/** Returns whether only a server that speaks TLS can be the cause of this error. */
function isOfTls(code = ''): boolean {
  return /^ERR_SSL_.*ALERT/.test(code) || (/CERT|SIGNATURE|ISSUER/.test(code) && !code.startsWith('ERR_SSL'));
}

function clientCertificateName(): string {
  const isData = process.env.TEMPORAL_TLS_CLIENT_CERT_DATA;
  return nameOfSetting(isData ? 'client_cert_data' : 'client_cert_path');
}

function reasonOf(code: string): string {
  return code === '' ? '' : ` (${code})`;
}

function hostAndPort(address: string): { host: string; port: number } {
  const [, bracketed, plain = '', port] =
    /^(?:https?:\/\/)?(?:\[([^\]]+)\]|([^:/]+))(?::(\d+))?/.exec(address) ?? [];
  return { host: bracketed ?? plain, port: Number(port ?? 7233) };
}
