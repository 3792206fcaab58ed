import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveModel } from '../../../../engine/model/fetch/resolve-model.js';
import { findModel } from '../../../../engine/model/find/find-model.js';
import { answerStatus, breakAfter, faultOf, HUB_TOKEN } from '../../../support/hub-server.js';
import { cacheOf, hub, lines, name, pull, testFolder, tiny, withFiles } from './hub-of-tiny-models.js';

describe('pulling from the hub', () => {
  test('fetches what the engine opens, pins the commit and locks every file', async () => {
    const { commit } = hub.add(name, {
      files: withFiles(
        ['README.md', Buffer.from('# words')],
        ['pytorch_model.bin', Buffer.from('pickle')],
        ['onnx/model.onnx', Buffer.from('graph')],
        ['openvino/config.json', Buffer.from('{}')],
      ),
    });
    const done: number[] = [];
    const pulled = await pull(name, { onProgress: (bytes, total) => done.push(bytes / total) });
    expect(pulled).toMatchObject({ source: 'hub', lock: { repository: name, commit } });
    expect(pulled.lock.files.map(({ path }) => path)).toEqual([...tiny.keys()].sort());
    expect(done.at(-1)).toBe(1);
    expect(await resolveModel(name)).toBe(pulled.folder);
    const { signature, fingerprint } = await findModel({ source: name });
    expect(signature.name).toBe(name.split('/')[1]);
    expect(fingerprint).toBe((await findModel({ source: join(testFolder.path, 'source') })).fingerprint);
    expect(await resolveModel(`${name}@${commit}`)).toBe(pulled.folder);
    expect(lines.join('\n')).toContain(`revision main is commit ${commit}`);
  });

  test('fetches nothing twice, and mends a file that was damaged', async () => {
    hub.add(name, { files: tiny });
    const { folder: model } = await pull();
    hub.seen.length = 0;
    expect(await pull()).toMatchObject({ source: 'cache', folder: model });
    expect(hub.seen.map(({ path }) => path)).toEqual([`/api/models/${name}/revision/main`]);
    writeFileSync(join(model, 'config.json'), '{}');
    expect(await pull()).toMatchObject({ source: 'hub' });
    expect(hub.sentOf('config.json')).toBe(tiny.get('config.json')!.length);
    expect(hub.sentOf('model.safetensors')).toBe(0);
  });

  test('keeps an earlier commit when a revision moves, and both have names', async () => {
    const first = hub.add(name, { files: tiny, revisions: ['main', 'v1'] }).commit;
    await pull(`${name}@v1`);
    const second = hub.add(name, { files: tiny, commit: 'f'.repeat(40) }).commit;
    const moved = await pull();
    expect(moved.lock.commit).toBe(second);
    expect(await resolveModel(`${name}@v1`)).toContain(first);
    expect(await resolveModel(`${name}@${first}`)).toContain(first);
    expect(hub.sentOf('model.safetensors')).toBe(2 * tiny.get('model.safetensors')!.length);
  });

  test('goes on with a file after a connection broke, and asks for the rest only', async () => {
    hub.add(name, { files: tiny });
    const weights = tiny.get('model.safetensors')!.length;
    let breaks = 0;
    hub.faults.push((request, response, right) => {
      if (!request.path.endsWith('model.safetensors') || breaks === 4) return false;
      breaks += 1;
      return breakAfter(1000)(request, response, right);
    });
    const pulled = await pull();
    expect(pulled.source).toBe('hub');
    // Bytes that were not read when the connection broke are sent again.
    expect(hub.sentOf('model.safetensors')).toBeLessThanOrEqual(weights + 4 * 1000);
    const asked = hub.seen.filter(({ host, path }) => host === 'files' && path.endsWith('model.safetensors'));
    expect(asked).toHaveLength(5);
    expect(asked.at(-1)!.range).toMatch(/^bytes=[1-4]000-$/);
    expect(asked.at(-1)!.ifRange).toMatch(/^"[0-9a-f]{64}"$/);
  });

  test('begins again where the server gives the whole file, and where it gave other bytes', async () => {
    hub.add(name, { files: tiny });
    const path = 'model.safetensors';
    hub.faults.push(
      faultOf(path, 1, breakAfter(1000)),
      faultOf(path, 1, (request, response, { body }) => {
        request.sent += body.length;
        response.writeHead(200, { 'content-length': body.length, etag: '"other"' }).end(body);
      }),
    );
    expect((await pull()).source).toBe('hub');
    const wrong = hub.add('org/wrong', { files: tiny });
    hub.faults.push(faultOf(path, 9, (_, response, { body }) => response.end(Buffer.alloc(body.length))));
    await expect(pull('org/wrong')).rejects.toMatchObject({ code: 'MODEL_CHECKSUM_MISMATCH', file: path });
    expect(existsSync(cacheOf('org/wrong'))).toBe(false);
    expect(wrong.commit).toMatch(/^[0-9a-f]{40}$/);
  });

  test('refuses a file that is longer than described, and a small one of other bytes', async () => {
    hub.add(name, { files: tiny });
    const longer = (_: unknown, response: import('node:http').ServerResponse) =>
      response.end(Buffer.alloc(1 << 20));
    hub.faults.push(faultOf('model.safetensors', 1, longer));
    await expect(pull()).rejects.toMatchObject({ code: 'MODEL_CHECKSUM_MISMATCH' });
    hub.faults.push(
      faultOf(`${hub.add(name, { files: tiny }).commit}/config.json`, 9, (_, response, { body }) =>
        response.end(Buffer.from(body.toString().replace('gelu', 'relu'))),
      ),
    );
    await expect(pull()).rejects.toMatchObject({ code: 'MODEL_CHECKSUM_MISMATCH', file: 'config.json' });
  });

  test('waits as long as the hub asks, and gives up after some attempts', async () => {
    hub.add(name, { files: tiny });
    hub.faults.push(
      faultOf('main', 1, answerStatus(429, { 'retry-after': '0' })),
      faultOf('main', 1, answerStatus(503)),
    );
    expect((await pull()).source).toBe('hub');
    expect(lines.filter((line) => line.includes('trying again'))).toHaveLength(2);
    hub.add('org/busy', { files: tiny });
    hub.faults.push(faultOf('main', 9, answerStatus(429, { 'retry-after': '100000' })));
    await expect(pull('org/busy')).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' });
    expect(hub.seen.filter(({ path }) => path.includes('busy'))).toHaveLength(1);
    hub.faults.length = 0;
    hub.faults.push(faultOf('main', 99, (_, response) => response.end('<html>a proxy</html>')));
    await expect(pull('org/busy')).rejects.toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringContaining('does not answer as the hub does'),
    });
    hub.faults.length = 0;
    hub.faults.push(
      faultOf('model.safetensors', 99, (_, response) => response.writeHead(200).flushHeaders()),
    );
    await expect(pull('org/busy')).rejects.toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringContaining('nothing came'),
    });
  });
});

describe('who may read', () => {
  const denied = (text = name) => pull(text).catch((error: Error) => error);

  test('the token goes to the hub alone, never to the host of large files, a message or a file', async () => {
    hub.add(name, { files: tiny, access: 'private' });
    process.env.HF_TOKEN = HUB_TOKEN;
    await pull();
    const by = (host: string) =>
      new Set(hub.seen.filter((one) => one.host === host).map((one) => one.authorization));
    expect(by('hub')).toEqual(new Set([`Bearer ${HUB_TOKEN}`]));
    expect(by('files')).toEqual(new Set([undefined]));
    process.env.HF_TOKEN = `${HUB_TOKEN}x`;
    const error = await denied();
    expect(error).toMatchObject({ code: 'HUB_DENIED', message: expect.stringContaining('HF_TOKEN') });
    expect(JSON.stringify([error, lines])).not.toContain(HUB_TOKEN);
    const written = readdirSync(cacheOf(name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(written.join()).not.toContain(HUB_TOKEN);
    expect(written.join()).not.toContain('Signature');
  });

  test('reads the token from the file that the tools of the hub write', async () => {
    hub.add(name, { files: tiny, access: 'gated' });
    expect(await denied()).toMatchObject({
      code: 'HUB_DENIED',
      remedy: expect.stringContaining(`${hub.url}/${name}`),
    });
    mkdirSync(join(testFolder.path, 'hf'), { recursive: true });
    process.env.HF_TOKEN_PATH = join(testFolder.path, 'hf', 'my-token');
    writeFileSync(process.env.HF_TOKEN_PATH, `${HUB_TOKEN}\n`);
    expect((await pull()).source).toBe('hub');
    writeFileSync(process.env.HF_TOKEN_PATH, 'two words');
    expect(await denied()).toMatchObject({ code: 'SETTING_INVALID' });
  });

  test('says what to do about a name, a revision and an address', async () => {
    hub.add(name, { files: tiny });
    expect(await denied('org/none')).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      remedy: expect.stringContaining('HF_TOKEN'),
    });
    expect(await denied(`${name}@v9`)).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('v9'),
    });
    process.env.HF_ENDPOINT = 'http://user:secret@127.0.0.1:1';
    const error = await denied();
    expect(error).toMatchObject({ code: 'SETTING_INVALID' });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});

describe("the hub's own cache", () => {
  /** Lays files down as the hub's tools do, and returns the folder of the snapshot. */
  function fillCache(files: ReadonlyMap<string, Buffer>, commit: string): string {
    const repository = join(testFolder.path, 'hf', 'hub', `models--${name.replace('/', '--')}`);
    const snapshot = join(repository, 'snapshots', commit);
    for (const [path, body] of files) {
      mkdirSync(join(snapshot, path, '..'), { recursive: true });
      mkdirSync(join(repository, 'blobs'), { recursive: true });
      const blob = join(repository, 'blobs', `blob-${path.replaceAll('/', '-')}`);
      writeFileSync(blob, body);
      symlinkSync(blob, join(snapshot, path));
    }
    mkdirSync(join(repository, 'refs'), { recursive: true });
    writeFileSync(join(repository, 'refs', 'main'), commit);
    return snapshot;
  }

  test('is used and not copied, whatever it lacks is fetched, and other bytes are passed over', async () => {
    const { commit } = hub.add(name, { files: tiny });
    const held = new Map(tiny);
    held.delete('tokenizer.json');
    held.set('config.json', Buffer.alloc(tiny.get('config.json')!.length));
    const snapshot = fillCache(held, commit);
    const pulled = await pull();
    expect(hub.sentOf('model.safetensors')).toBe(0);
    expect(hub.sentOf('tokenizer.json')).toBe(tiny.get('tokenizer.json')!.length);
    expect(lstatSync(join(pulled.folder, 'model.safetensors')).isSymbolicLink()).toBe(true);
    expect(lstatSync(join(pulled.folder, 'config.json')).isSymbolicLink()).toBe(false);
    expect(existsSync(join(snapshot, 'tokenizer.json'))).toBe(false);
    await findModel({ source: name });
  });

  test('is enough where the hub cannot be reached, and so is an earlier pull', async () => {
    hub.add(name, { files: tiny });
    fillCache(tiny, 'a'.repeat(40));
    process.env.HF_ENDPOINT = 'http://127.0.0.1:9';
    const pulled = await pull();
    expect(pulled).toMatchObject({ source: 'cache', lock: { commit: 'a'.repeat(40) } });
    expect(lines.join('\n')).toContain('what is on this machine is taken');
    expect(await pull()).toMatchObject({ source: 'cache' });
    process.env.HF_HUB_OFFLINE = '1';
    expect(await pull()).toMatchObject({ source: 'cache' });
    await expect(pull('org/none')).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' });
  });
});
