export const TEST_BUCKET = 'vectormill';

/**
 * Returns the addresses of the servers of the test run. Throws where they could not be started, so
 * that a test that needs them fails and is not skipped.
 */
export function requireStack(): { temporalAddress: string; s3Endpoint: string } {
  const { TEMPORAL_ADDRESS, AWS_ENDPOINT_URL_S3, VECTORMILL_TEST_STACK_MISSING } = process.env;
  if (!TEMPORAL_ADDRESS || !AWS_ENDPOINT_URL_S3) {
    throw new Error(
      `This test needs the dev stack. ${VECTORMILL_TEST_STACK_MISSING ?? 'Vitest ran without its global setup.'} ` +
        '`make test` gets the binaries and runs all tests.',
    );
  }
  return { temporalAddress: TEMPORAL_ADDRESS, s3Endpoint: AWS_ENDPOINT_URL_S3 };
}
