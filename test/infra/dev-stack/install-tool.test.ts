import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { downloadRelease } from '../../../infra/dev-stack/download-release.js';
import { goInstall } from '../../../infra/dev-stack/go-install.js';
import { VERSITYGW } from '../../../infra/dev-stack/pinned-tools.js';

let folder: string;
let server: Server;
let archive: Buffer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vectormill-install-'));
  const source = join(folder, 'source', 'tool_v1');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'tool'), '#!/bin/sh\necho installed\n');
  execFileSync('tar', ['-czf', join(folder, 'tool.tar.gz'), '-C', join(folder, 'source'), 'tool_v1']);
  archive = readFileSync(join(folder, 'tool.tar.gz'));
  server = createServer((request, response) => {
    response.writeHead(request.url === '/tool.tar.gz' ? 200 : 404).end(archive);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const target = () => join(folder, 'cache', 'bin', 'tool');
const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const sha256 = () => createHash('sha256').update(archive).digest('hex');

test('a release with the pinned checksum becomes one executable and leaves nothing else', async () => {
  await downloadRelease({ url: url('/tool.tar.gz'), sha256: sha256(), member: 'tool_v1/tool' }, target());
  expect(execFileSync(target(), { encoding: 'utf8' })).toBe('installed\n');
  expect(readdirSync(join(folder, 'cache', 'bin'))).toEqual(['tool']);
});

test('a release with another checksum is not installed', async () => {
  const pinned = 'a'.repeat(64);
  const attempt = downloadRelease(
    { url: url('/tool.tar.gz'), sha256: pinned, member: 'tool_v1/tool' },
    target(),
  );
  await expect(attempt).rejects.toThrow(`has sha256 ${sha256()}, pinned is ${pinned}`);
  expect(existsSync(target())).toBe(false);
});

test("a release that does not exist is reported with the host's answer", async () => {
  const attempt = downloadRelease({ url: url('/gone'), sha256: sha256(), member: 'tool' }, target());
  await expect(attempt).rejects.toThrow('answered 404');
});

/** Installs a `go` that prints what the real one prints for these parameters, at once. */
function stubGo(body: string): void {
  const bin = join(folder, 'go-bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'go'), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, 'go'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
}

test('go install asks for the pinned version and puts the binary into the cache', async () => {
  stubGo('echo "$@" > "$GOBIN/versitygw"');
  await goInstall(VERSITYGW, join(folder, 'cache', 'bin', 'versitygw'), () => {});
  expect(readFileSync(join(folder, 'cache', 'bin', 'versitygw'), 'utf8')).toBe(
    'install -v github.com/versity/versitygw/cmd/versitygw@v1.8.0\n',
  );
  expect(readdirSync(join(folder, 'cache', 'bin'))).toEqual(['versitygw']);
});

test('go install says how far it is, by the packages that Go names and not by what it fetches', async () => {
  const waits = `until [ -e ${folder}/seen ]; do sleep 0.02; done`;
  stubGo(`echo "go: downloading a v1" >&2; echo a/b >&2; echo a/c >&2; ${waits}; echo > "$GOBIN/versitygw"`);
  const lines: string[] = [];
  const log = (line: string) => {
    lines.push(line);
    if (line.includes(' 2 of ')) writeFileSync(join(folder, 'seen'), '');
  };
  await goInstall(VERSITYGW, join(folder, 'cache', 'bin', 'versitygw'), log, 5);
  for (const line of lines)
    expect(line).toMatch(
      /^versitygw: compiling, [0-2] of about 589 packages, \d+s so far, about \d+m \d\ds left$/,
    );
});

test('a failed go install reports what Go printed, and leaves nothing', async () => {
  stubGo('echo "no such host" >&2; exit 1');
  await expect(goInstall(VERSITYGW, target(), () => {})).rejects.toThrow('no such host');
  expect(readdirSync(join(folder, 'cache', 'bin'))).toEqual([]);
});

test('a missing Go on PATH is given as the reason', async () => {
  vi.stubEnv('PATH', join(folder, 'nowhere'));
  await expect(goInstall(VERSITYGW, target(), () => {})).rejects.toThrow('there is no go on PATH');
});
