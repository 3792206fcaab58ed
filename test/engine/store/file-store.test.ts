import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { FileStore } from '../../../engine/store/file-store.js';
import { compiledScript } from '../../support/compiled-script.js';
import { all, describeObjectStore } from './contract.js';

let parent: string;
let roots = 0;
const freshFolder = () => join(parent, String(roots++));
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'vectormill-files-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

describeObjectStore('the file store', async () => new FileStore(freshFolder()));

describe('a file store', () => {
  let folder: string;
  let store: FileStore;
  beforeEach(() => {
    folder = freshFolder();
    store = new FileStore(folder);
  });
  const keys = async (prefix = '') => (await all(store.list(prefix))).map((info) => info.key);

  test('lists 100,000 objects in order', async () => {
    mkdirSync(join(folder, 'many'), { recursive: true });
    // Most are hard links to a few files, because a link takes a tenth of the time of a file.
    for (let index = 0; index < 100_000; index += 1) {
      const path = join(folder, 'many', `${String(index % 10)}${String(index).padStart(6, '0')}.txt`);
      if (index % 20_000 < 10) writeFileSync(path, 'x');
      else linkSync(join(folder, 'many', nameOfFirst(index)), path);
    }
    let count = 0;
    let last = '';
    for await (const info of store.list('many/')) {
      if (info.key <= last || info.size !== 1) throw new Error(`${info.key} after ${last}`);
      last = info.key;
      count += 1;
    }
    expect(count).toBe(100_000);
  });

  test('lists any set of keys in the byte order of whole keys', async () => {
    const segment = fc.string({
      unit: fc.constantFrom('a', 'b', '-', '.', '0', 'é', '\uffee', '😀'),
      minLength: 1,
      maxLength: 2,
    });
    const key = fc
      .array(segment, { minLength: 1, maxLength: 3 })
      .filter((names) => !names.some((name) => name === '.' || name === '..'))
      .map((names) => names.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 12 }), async (drawn) => {
        const possible = drawn.filter((one) => !drawn.some((other) => other.startsWith(`${one}/`)));
        const fresh = new FileStore(freshFolder());
        for (const one of possible) await fresh.put(one, Buffer.from('x'));
        const expected = [...possible].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect((await all(fresh.list(''))).map((info) => info.key)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('follows links to files and does not follow links to folders', async () => {
    await store.put('folder/object', Buffer.from('linked'));
    await symlink(join(folder, 'folder', 'object'), join(folder, 'link'));
    await symlink(folder, join(folder, 'folder', 'cycle'));
    await symlink(join(folder, 'nowhere'), join(folder, 'broken'));
    await symlink(join(folder, 'itself'), join(folder, 'itself'));
    expect(await keys()).toEqual(['folder/object', 'link']);
    expect(Buffer.from(await store.get('link')).toString()).toBe('linked');
  });

  test('refuses a listing with a file name that no key can express', async () => {
    await mkdir(folder);
    const name = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])]);
    // Some file systems refuse such a name themselves.
    const made = await writeFile(name, 'x').then(
      () => true,
      () => false,
    );
    if (made) await expect(keys()).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
  });

  test('refuses a key that is also the folder of another one, and says so', async () => {
    await store.put('a', Buffer.from('x'));
    await expect(store.put('a/b', Buffer.from('x'))).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
    await store.put('b/c', Buffer.from('x'));
    for (const options of [{}, { condition: { ifAbsent: true } } as const])
      await expect(store.put('b', Buffer.from('x'), options)).rejects.toMatchObject({
        code: 'STORE_UNSUPPORTED',
      });
    expect(await store.head('a/b')).toBeUndefined();
    expect(await store.head('b')).toBeUndefined();
    await store.delete('b');
    expect(await keys()).toEqual(['a', 'b/c']);
  });

  test('notices that a file changed while it was read', async () => {
    await store.put('input', Buffer.alloc(3_000_000));
    const reading = async () => {
      for await (const _ of store.stream('input')) await writeFile(join(folder, 'input'), 'cut short');
    };
    await expect(reading()).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
  });

  test('is not undone by a writer that was stopped just before it replaced the object and then goes on', async () => {
    const first = await store.put('ref', Buffer.from('first'));
    if (first.outcome === 'refused') throw new Error('refused');
    const writer = await startWriter(folder, 'stop', first.etag);
    await until(async () => writer.output().includes('stopping'));
    const second = await store.put('ref', Buffer.from('second'), { condition: { ifMatch: first.etag } });
    expect(second.outcome).toBe('written');
    writer.signal('SIGCONT');
    await writer.closed;
    expect(writer.output()).toContain('refused');
    expect(Buffer.from(await store.get('ref')).toString()).toBe('second');
    expect(await readdir(folder)).toEqual(['ref']);
  });

  test('leaves no temporary file behind, whatever became of the writes', async () => {
    await store.put('object', Buffer.from('a'), { condition: { ifAbsent: true } });
    const writes = Array.from({ length: 20 }, (_, index) =>
      store.put('object', Buffer.from(String(index)), index % 2 ? { condition: { ifAbsent: true } } : {}),
    );
    await Promise.all(writes);
    expect(await readdir(folder)).toEqual(['object']);
  });

  test('removes what killed writers left, once it is an hour old', async () => {
    await mkdir(folder);
    const [young, old] = ['.vectormill-temporary.young', '.vectormill-temporary.old'];
    for (const name of [young, old]) await writeFile(join(folder, name), 'x');
    const twoHoursAgo = Date.now() / 1000 - 7_200;
    await utimes(join(folder, old), twoHoursAgo, twoHoursAgo);
    await store.put('object', Buffer.from('x'));
    expect((await readdir(folder)).sort()).toEqual([young, 'object']);
    expect(await keys()).toEqual(['object']);
  });

  test('shows whole objects only when a writer is killed in the middle of its work', async () => {
    for (let round = 0; round < 3; round += 1) {
      const writer = await startWriter(folder, 'put');
      await until(async () => (await store.head('folder/object')) !== undefined);
      await until(async () =>
        (await readdir(join(folder, 'folder'))).some((name) => name.startsWith('.vectormill-')),
      );
      await kill(writer);
      expect(await keys()).toEqual(['folder/object']);
      const found = Buffer.from(await store.get('folder/object'));
      expect(found.length).toBe(8 * 1_048_576);
      expect(found.equals(Buffer.alloc(found.length, found[0]))).toBe(true);
    }
    expect((await store.put('folder/object', Buffer.from('after'))).outcome).toBe('written');
  });

  test('loses no step of a number that processes change by If-Match while some of them are killed', async () => {
    await store.put('number', Buffer.from('0'));
    const steps = 40;
    const doomed = await startWriter(folder, 'count', 1_000_000);
    const others = await Promise.all([1, 2].map(() => startWriter(folder, 'count', steps)));
    await until(async () => stepsOf(doomed) >= 5);
    await kill(doomed);
    await Promise.all(others.map((writer) => writer.closed));
    expect(others.map(stepsOf)).toEqual([steps, steps]);
    const number = Number(Buffer.from(await store.get('number')).toString());
    // The killed process may have made a step that it could not report.
    const reported = 2 * steps + stepsOf(doomed);
    expect([reported, reported + 1]).toContain(number);
  });
});

interface Writer {
  output: () => string;
  closed: Promise<void>;
  signal: (name: NodeJS.Signals) => void;
}

async function startWriter(
  folder: string,
  mode: 'put' | 'count' | 'stop',
  argument: string | number = '',
): Promise<Writer> {
  const script = fileURLToPath(new URL('../../support/store-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [compiledScript(script), folder, mode, String(argument)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString();
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(() => {
    child.kill('SIGKILL');
    return closed;
  });
  await until(async () => output.startsWith('ready\n') || child.exitCode !== null);
  return { output: () => output, closed, signal: (name) => child.kill(name) };
}

function kill(writer: Writer): Promise<void> {
  writer.signal('SIGKILL');
  return writer.closed;
}

function stepsOf(writer: Writer): number {
  return writer.output().split('step\n').length - 1;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(1);
}

function nameOfFirst(index: number): string {
  const first = Math.floor(index / 20_000) * 20_000 + (index % 10);
  return `${String(first % 10)}${String(first).padStart(6, '0')}.txt`;
}
