/**
 * The variables of the environment that say, together, which S3 server is asked and as whom (`createS3Client`): keys and
 * region of one server are of no use at another, so they come from one place or not at all.
 */
export const S3_VARIABLES = [
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_PROFILE',
] as const;

/** The S3 server that an environment names; undefined for AWS itself. An empty variable is none. */
export function s3Endpoint(environment: NodeJS.ProcessEnv): string | undefined {
  return environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || undefined;
}
