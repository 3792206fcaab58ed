/**
 * The environment variables that together say which S3 server is asked and with which credentials
 * (`createS3Client`). Keys and region of one server are useless at another, so all of them come
 * from one place or none do.
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

/**
 * Returns the S3 server that an environment names, or undefined for AWS itself. An empty variable
 * counts as unset.
 */
export function s3Endpoint(environment: NodeJS.ProcessEnv): string | undefined {
  return environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || undefined;
}
