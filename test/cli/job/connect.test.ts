import { ServiceError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { temporalError } from '../../../cli/job/connect.js';

const place = { address: 'temporal:7233', namespace: 'default' };
const told = (message: string) =>
  temporalError(new ServiceError('Failed to start Workflow', { cause: new Error(message) }), place);

test.each([
  '8 RESOURCE_EXHAUSTED: grpc: received message larger than max (7083427 vs. 4194304)',
  '3 INVALID_ARGUMENT: Blob data size exceeds limit.',
  '3 INVALID_ARGUMENT: Memo size exceeds limit.',
  '3 INVALID_ARGUMENT: query result size (2089309) exceeds limit (2000000)',
])('%s does not mean that the server is unavailable', (message) => {
  const error = told(message);
  expect(error).toMatchObject({ code: 'JOB_INVALID', message: expect.stringContaining(message) });
  expect(error.remedy).not.toMatch(/make up|Start/);
});

test('an unavailable server is reported as such', () => {
  expect(told('14 UNAVAILABLE: No connection established')).toMatchObject({
    code: 'TEMPORAL_UNAVAILABLE',
    message: expect.stringContaining('temporal:7233'),
  });
});
