import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { openStore } from '../../engine/store/open-store.js';
import { createS3Client } from '../../engine/store/s3-client.js';
import { S3Store } from '../../engine/store/s3-store.js';
import { type Fault, type FlakyProxy, type ProxiedRequest, startFlakyProxy } from './flaky-proxy.js';
import { requireStack, TEST_BUCKET } from './stack.js';

/** A new place in the bucket of the test run. */
export interface ProxiedS3 {
  proxy: FlakyProxy;
  /** Reaches the server by way of the proxy. */
  store: ObjectStore;
  /** Reaches the same place directly. */
  direct: ObjectStore;
  close(): Promise<void>;
}

/** The attempts of a request before its store gives up. */
export const PROXIED_ATTEMPTS = 4;

/** Opens a new place in the bucket of the test run, with a proxy in front of it. */
export async function proxiedS3(
  faultOf?: (request: ProxiedRequest) => Fault | undefined,
): Promise<ProxiedS3> {
  const proxy = await startFlakyProxy(requireStack().s3Endpoint, faultOf);
  const prefix = `proxied-${randomUUID()}`;
  const store = new S3Store({
    client: createS3Client({ ...process.env, AWS_ENDPOINT_URL_S3: proxy.endpoint }),
    bucket: TEST_BUCKET,
    prefix,
    retryPolicy: { attempts: PROXIED_ATTEMPTS, baseMs: 1, capMs: 5 },
  });
  const direct = openStore(`s3://${TEST_BUCKET}/${prefix}`);
  return {
    proxy,
    store,
    direct,
    close: async () => {
      await Promise.all([store.close(), direct.close()]);
      await proxy.close();
    },
  };
}
