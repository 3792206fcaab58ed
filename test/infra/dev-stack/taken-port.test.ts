import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findBinary } from '../../../infra/dev-stack/find-binary.js';
import { type PinnedTool, TEMPORAL, VERSITYGW } from '../../../infra/dev-stack/pinned-tools.js';
import {
  type ProcessIdentity,
  readProcessIdentity,
  stopProcess,
} from '../../../infra/dev-stack/process-identity.js';
import { startOnFreePorts } from '../../../infra/dev-stack/start-on-free-ports.js';
import { startServer } from '../../../infra/dev-stack/start-server.js';
import { startTemporal, temporalAnswers } from '../../../infra/dev-stack/start-temporal.js';
import { s3Answers, startVersitygw } from '../../../infra/dev-stack/start-versitygw.js';
import { requireStack } from '../../support/stack.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const occupants: ProcessIdentity[] = [];

afterEach(async () => {
  for (const occupant of occupants.splice(0)) await stopProcess(occupant, 5_000);
});

/** Listens on a port and passes every connection on to `upstream`, if there is one. */
const OCCUPANT = `
import { connect, createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
const [port, upstream, file] = process.argv.slice(2);
createServer((socket) => {
  socket.on('error', () => {});
  if (!upstream) return socket.destroy();
  const [host, upstreamPort] = upstream.split(':');
  const onward = connect(Number(upstreamPort), host).on('error', () => socket.destroy());
  socket.pipe(onward).pipe(socket);
}).listen(Number(port), '127.0.0.1', () => writeFileSync(file, String(process.pid)));
`;

/**
 * Returns the real server. Before its first start, another process takes the port that follows
 * `flag`. With an upstream, that process answers for a while before the server notices that it
 * cannot have the port.
 */
async function robbed(tool: PinnedTool, { flag, upstream = '' }: { flag: string; upstream?: string }) {
  const found = await findBinary(tool, { install: false, log: () => {}, environment: binariesOnly() });
  if (found.kind !== 'binary') throw new Error('a binary is needed');
  const folder = temporaryFolder();
  const [script, occupant, pidFile] = ['server', 'occupant.mjs', 'pid'].map((name) => join(folder, name));
  writeFileSync(occupant!, OCCUPANT);
  writeFileSync(
    script!,
    `#!/bin/bash
if [ ! -e '${pidFile}' ]; then
  [[ " $* " =~ \\ ${flag}\\ ([0-9.]+:)?([0-9]+) ]]
  '${process.execPath}' '${occupant}' "\${BASH_REMATCH[2]}" '${upstream}' '${pidFile}' &
  until [ -s '${pidFile}' ]; do sleep 0.05; done
  ${upstream ? 'sleep 1' : ''}
fi
exec '${found.path}' "$@"
`,
  );
  chmodSync(script!, 0o755);
  return {
    path: script!,
    folder,
    logFile: join(folder, 'log'),
    /** Returns whether the port was taken as intended. */
    isRobbed: async () => {
      if (!existsSync(pidFile!)) return false;
      occupants.push(await readProcessIdentity(Number(readFileSync(pidFile!, 'utf8'))));
      return true;
    },
  };
}

/**
 * Returns the variables that say where the binaries are, without those that name the servers of the
 * test run.
 */
function binariesOnly(): NodeJS.ProcessEnv {
  const { PATH, HOME, XDG_CACHE_HOME, VECTORMILL_CACHE } = process.env;
  return { PATH, HOME, XDG_CACHE_HOME, VECTORMILL_CACHE };
}

test('Temporal starts on other ports if the port of its web interface is taken at the last moment', async () => {
  const { path, logFile, isRobbed } = await robbed(TEMPORAL, { flag: '--ui-port' });
  const server = await startTemporal({ path, logFile, uiPort: 0, outlive: false });
  try {
    expect(await isRobbed()).toBe(true);
    expect(readFileSync(logFile, 'utf8')).toContain('address already in use');
    expect(await temporalAnswers(server.address)).toBe(true);
    expect((await fetch(server.ui!)).status).toBe(200);
  } finally {
    await server.stop();
  }
});

test('another Temporal on the port is not mistaken for our own', async () => {
  const { temporalAddress } = requireStack();
  const { path, logFile, isRobbed } = await robbed(TEMPORAL, { flag: '--port', upstream: temporalAddress });
  const server = await startTemporal({ path, logFile, outlive: false });
  try {
    expect(await isRobbed()).toBe(true);
    expect(readFileSync(logFile, 'utf8')).toContain('address already in use');
    expect(await temporalAnswers(server.address)).toBe(true);
  } finally {
    await server.stop();
  }
});

test('the S3 server starts on another port if its port is taken at the last moment', async () => {
  const { path, logFile, folder, isRobbed } = await robbed(VERSITYGW, { flag: '--port' });
  const server = await startVersitygw({ path, logFile, dataDir: join(folder, 'data'), outlive: false });
  try {
    expect(await isRobbed()).toBe(true);
    expect(await s3Answers(server)).toBe(true);
  } finally {
    await server.stop();
  }
});

test('a server that finds every port taken is given up after five starts, and one that fails for another reason at once', async () => {
  const logFile = join(temporaryFolder(), 'log');
  const saying = (words: string) => {
    const starts: number[] = [];
    const started = startOnFreePorts([undefined], ([port]) => {
      starts.push(port!);
      return startServer({
        name: 'the server',
        path: process.execPath,
        parameters: ['-e', `console.error(${JSON.stringify(words)}); process.exit(1)`],
        environment: { PATH: process.env.PATH },
        logFile,
        answers: async () => false,
        timeoutMs: 30_000,
        outlive: false,
      });
    });
    return { starts, started };
  };
  const taken = saying('listen: bind: address already in use');
  await expect(taken.started).rejects.toThrow('address already in use');
  expect(taken.starts).toHaveLength(5);
  // What an earlier start wrote to the same log does not count for this one.
  const full = saying('the disk is full');
  await expect(full.started).rejects.toThrow('the disk is full');
  expect(full.starts).toHaveLength(1);
});
