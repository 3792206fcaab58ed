import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadDevStack, temporalSettings } from '../../cli/environment.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function folderWith(text: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.vectormill'));
  writeFileSync(join(folder, '.vectormill', 'stack.env'), text);
  return folder;
}

test('the servers that `make up` noted are used, without replacing what is set', () => {
  const folder = folderWith(
    "TEMPORAL_ADDRESS=127.0.0.1:7000\nexport AWS_REGION='eu-1'\n# a comment\nlower=1\n",
  );
  const environment: NodeJS.ProcessEnv = { AWS_REGION: 'mine' };
  loadDevStack(environment, folder);
  expect(environment).toEqual({ AWS_REGION: 'mine', TEMPORAL_ADDRESS: '127.0.0.1:7000' });
});

test('a configured Temporal address means another stack, of which nothing is mixed in', () => {
  const folder = folderWith('TEMPORAL_ADDRESS=127.0.0.1:7000\nAWS_ACCESS_KEY_ID="dev"\n');
  const environment: NodeJS.ProcessEnv = { TEMPORAL_ADDRESS: 'temporal.example:7233' };
  loadDevStack(environment, folder);
  expect(environment).toEqual({ TEMPORAL_ADDRESS: 'temporal.example:7233' });
});

test('without a noted stack nothing changes, and Temporal is on this machine', () => {
  const environment: NodeJS.ProcessEnv = {};
  loadDevStack(environment, temporaryFolder());
  expect(temporalSettings(environment)).toEqual({ address: 'localhost:7233', namespace: 'default' });
});
