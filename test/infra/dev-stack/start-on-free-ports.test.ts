import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts } from '../../../infra/dev-stack/start-on-free-ports.js';

test('a wished port is given when it is free, and another one when it is not', async () => {
  const [wish = 0] = await freePorts([undefined]);
  expect(await freePorts([wish])).toEqual([wish]);
  const occupant = createServer();
  await new Promise<void>((resolve) => occupant.listen(wish, '127.0.0.1', resolve));
  try {
    const [other] = await freePorts([wish]);
    expect(other).not.toBe(wish);
    expect(other).toBeGreaterThan(0);
  } finally {
    await new Promise((resolve) => occupant.close(resolve));
  }
});

test('ports that are requested together are different, also where the same port is wished for twice', async () => {
  const [wish = 0] = await freePorts([undefined]);
  const found = await freePorts([wish, wish, undefined, undefined]);
  expect(found[0]).toBe(wish);
  expect(new Set(found).size).toBe(4);
});
