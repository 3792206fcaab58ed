import { expect, it } from 'vitest';
import { openStore } from '../../../engine/store/open-store.js';
import { writeOrAdopt } from '../../../engine/version/write-or-adopt.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (value: string) => new TextEncoder().encode(value);

it('a part is written if nothing is stored there; otherwise what is stored is adopted and never overwritten', async () => {
  const store = openStore(`file://${temporaryFolder()}`);
  const events: string[] = [];
  const write = (value: string) =>
    writeOrAdopt(store, 'parts/a', bytesOf(value), {
      onDurable: async (isOwn) => void events.push(isOwn ? 'written' : 'adopted'),
      describe: (existing) => {
        events.push('described');
        return text(existing);
      },
    });
  expect(await write('first')).toBe('first');
  expect(await write('second')).toBe('first');
  expect(events).toEqual(['written', 'described', 'adopted', 'described']);
  expect(text(await store.get('parts/a'))).toBe('first');
});

it('a stored part that is another one fails with what its description throws, and stays', async () => {
  const store = openStore(`file://${temporaryFolder()}`);
  await store.put('parts/a', bytesOf('foreign'));
  const describe = () => {
    throw new RangeError('another part');
  };
  await expect(writeOrAdopt(store, 'parts/a', bytesOf('own'), { describe })).rejects.toThrow('another part');
  expect(text(await store.get('parts/a'))).toBe('foreign');
});
