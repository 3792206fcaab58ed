import { accessSync, constants } from 'node:fs';
import { expect, test } from 'vitest';
import { CLI } from '../../infra/project.js';

test('the built command may be executed as it is, which npx relies on', () => {
  expect(() => accessSync(CLI, constants.X_OK)).not.toThrow();
});
