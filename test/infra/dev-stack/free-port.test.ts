import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../../infra/dev-stack/free-port.js';

test('a preferred port is taken when it is free, and another one when it is not', async () => {
  const preferred = await freePort();
  expect(await freePort(preferred)).toBe(preferred);
  const occupant = createServer();
  await new Promise<void>((resolve) => occupant.listen(preferred, '127.0.0.1', resolve));
  try {
    const other = await freePort(preferred);
    expect(other).not.toBe(preferred);
    expect(other).toBeGreaterThan(0);
  } finally {
    await new Promise((resolve) => occupant.close(resolve));
  }
});
