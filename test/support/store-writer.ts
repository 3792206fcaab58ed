import promises, { type rename } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * A process that writes to a file store until it is killed, stopped or done, for tests of what it
 * leaves.
 * - `put` writes large objects, each of one repeated byte, without end.
 * - `count <steps>` increases a number by If-Match, and prints a line for each step.
 * - `stop <etag>` makes one If-Match put that stops its own process (SIGSTOP) before it renames,
 *   and prints the outcome.
 */
const [folder = '', mode = '', argument = ''] = process.argv.slice(2);
if (mode === 'stop') stopBeforeRename();
const { FileStore } = await import('../../engine/store/file-store.js');
const store = new FileStore(folder);
process.stdout.write('ready\n');

if (mode === 'put') {
  for (let round = 0; ; round += 1)
    await store.put('folder/object', Buffer.alloc(8 * 1_048_576, round % 251));
}

if (mode === 'stop') {
  const { outcome } = await store.put('ref', Buffer.from('stopped'), { condition: { ifMatch: argument } });
  process.stdout.write(`${outcome}\n`);
}

if (mode === 'count') {
  for (let made = 0; made < Number(argument); ) {
    const info = await store.head('number');
    if (info === undefined) throw new Error('there is no number');
    const condition = { ifMatch: info.etag };
    const found = await store.get('number', condition).catch(() => undefined);
    if (found === undefined) continue;
    const next = Buffer.from(String(Number(Buffer.from(found).toString()) + 1));
    if ((await store.put('number', next, { condition })).outcome === 'refused') continue;
    made += 1;
    process.stdout.write('step\n');
  }
}

function stopBeforeRename(): void {
  const original: typeof rename = promises.rename;
  promises.rename = async (from, to) => {
    process.stdout.write('stopping\n');
    promises.rename = original;
    syncBuiltinESMExports();
    process.kill(process.pid, 'SIGSTOP');
    return original(from, to);
  };
  syncBuiltinESMExports();
}
