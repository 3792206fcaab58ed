import { isVectormillError } from '../../core/errors.js';
import { checkTemporal } from '../job/connect.js';
import { probeServer, type ServerProblem } from '../temporal/probe-server.js';
import { nameOfSetting } from '../temporal/setting-names.js';
import { type TemporalSettings, temporalSettings } from '../temporal/temporal-settings.js';
import { type Check, ok } from './check.js';

/**
 * Returns the checks of the way to Temporal, in the order in which a connection takes it, so that
 * only the step that fails reports its cause. The server is greeted once, and asked once.
 */
export function temporalChecks(): Check[] {
  const greeting = once(() => probeServer(temporalSettings()));
  const answer = once(() => checkTemporal());

  const step = (
    name: ServerProblem['step'],
    {
      called = name,
      needs,
      found,
    }: { called?: string; needs: string; found: (of: TemporalSettings) => string },
  ): Check => ({
    name: called,
    needs,
    run: async () => {
      const { problem } = await greeting();
      if (problem?.step === name) throw problem.error;
      return ok(found(temporalSettings()));
    },
  });

  return [
    step('address', { needs: 'settings', found: ({ address }) => `the host of ${address} is known` }),
    step('server', {
      called: 'temporal',
      needs: 'address',
      found: ({ address }) => `a server answers at ${address}`,
    }),
    step('certificate', { needs: 'temporal', found: foundOfTls }),
    {
      name: 'key',
      needs: 'certificate',
      run: async () => {
        const refusal = await answer().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (isVectormillError(refusal) && refusal.code === 'TEMPORAL_DENIED') throw refusal;
        return ok(
          temporalSettings().apiKey === undefined
            ? 'no API key is set, and the server asks for none'
            : `the server takes the key of ${nameOfSetting('api_key')}`,
        );
      },
    },
    {
      name: 'namespace',
      needs: 'key',
      run: async () => ok(`${(await answer()).namespace} is there`),
    },
  ];
}

function foundOfTls({ tls }: TemporalSettings): string {
  if (!tls) return 'no TLS, as the server expects';
  const certificate = typeof tls === 'object' && tls.clientCertPair;
  return certificate
    ? 'mTLS: both sides take the certificate of the other'
    : "TLS: the server's certificate is trusted";
}

/** Makes a function that does the work at its first call, and gives every call the same outcome. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let outcome: Promise<T> | undefined;
  return () => {
    outcome ??= work();
    return outcome;
  };
}
