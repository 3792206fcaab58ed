import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { s3Endpoint } from './s3-variables.js';

const CONNECT_MS = 5_000;
/**
 * The longest time without a byte in either direction. S3 keeps a slow answer alive with white
 * space.
 */
const IDLE_MS = 60_000;
const MAX_SOCKETS = 64;

// package.json says which Node versions are supported, so the SDK need not warn at every start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/**
 * Makes a client that is set up by the standard AWS variables: AWS_ENDPOINT_URL_S3 or
 * AWS_ENDPOINT_URL (then with the bucket in the path, as S3 servers other than AWS expect it),
 * AWS_REGION or AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
 * If keys or region are not set, the SDK's own chain finds them (profiles, container and instance
 * roles). The client makes one attempt for each request, because the store itself retries.
 */
export function createS3Client(environment: NodeJS.ProcessEnv): S3Client {
  const endpoint = s3Endpoint(environment);
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || (endpoint && 'us-east-1');
  const client = new S3Client({
    // A profile may ask for AWS's own kinds of endpoint, which other servers do not have.
    ...(endpoint
      ? { endpoint, forcePathStyle: true, useFipsEndpoint: false, useDualstackEndpoint: false }
      : {}),
    ...(region ? { region } : {}),
    ...credentials(environment),
    maxAttempts: 1,
    followRegionRedirects: !endpoint,
    // This store computes checksums itself: natively, and over a resumed stream as well.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      httpAgent: { maxSockets: MAX_SOCKETS },
      httpsAgent: { maxSockets: MAX_SOCKETS },
    },
  });
  askForChecksums(client);
  return client;
}

function credentials(environment: NodeJS.ProcessEnv): Pick<S3ClientConfig, 'credentials'> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return {};
  return {
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    },
  };
}

/**
 * Asks for the object's checksum in answers to reads, without the SDK's validation, which a resumed
 * stream would fail.
 */
function askForChecksums(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (call) => {
      const { request } = call as { request?: { headers?: Record<string, string> } };
      if (context.commandName === 'GetObjectCommand' && request?.headers)
        request.headers['x-amz-checksum-mode'] = 'ENABLED';
      return next(call);
    },
    { step: 'build', name: 'vectormillAskForChecksums' },
  );
}
