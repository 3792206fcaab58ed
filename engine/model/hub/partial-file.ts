import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders } from '../../files/make-folders.js';
import { checkedSha256, type HubFile } from './hub-files.js';

/** Called with the bytes that were fetched since the last call; negative where some are dropped. */
export type OnBytes = (bytes: number) => void;

/**
 * Completes a file, and goes on with what an earlier call left beside it, even in a process that
 * was killed. The file appears under its name once its bytes were checked. `fetchRest` brings what
 * is missing, and returns whether all bytes come from one source. Where they do not and are wrong,
 * the whole file is fetched once more. Returns its SHA-256 in hex. Errors: those of `fetchRest`;
 * MODEL_CHECKSUM_MISMATCH; MODEL_INVALID; the system's.
 */
export async function completeFile(
  file: HubFile,
  target: string,
  onBytes: OnBytes,
  fetchRest: (partial: PartialFile) => Promise<boolean>,
): Promise<string> {
  await makeFolders(dirname(target));
  const partial = new PartialFile(target);
  if ((await partial.size()) > file.bytes) await partial.remove();
  onBytes(await partial.size());
  for (let attempt = 1; ; attempt += 1) {
    const isOneSource = await fetchRest(partial);
    try {
      return await partial.finish(file);
    } catch (error) {
      await partial.remove();
      if (isOneSource || attempt === 2) throw error;
    }
    onBytes(-file.bytes);
  }
}

/** The beginning of a file that is being fetched. It lies beside the file's own name. */
export class PartialFile {
  readonly #target: string;
  readonly #path: string;
  readonly #etagPath: string;

  constructor(target: string) {
    this.#target = target;
    this.#path = `${target}.partial`;
    this.#etagPath = `${target}.etag`;
  }

  /** Returns the number of bytes that are here. */
  async size(): Promise<number> {
    return stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    );
  }

  /** Returns what the source called the content of which this is the beginning, if it is known. */
  async etag(): Promise<string | undefined> {
    const text = await readFile(this.#etagPath, 'utf8').catch(() => '');
    return text === '' ? undefined : text;
  }

  /** Notes what the source calls the content that is about to be written. */
  async noteEtag(etag: string | undefined): Promise<void> {
    await writeFile(this.#etagPath, etag ?? '');
  }

  /** Writes pieces behind the first `start` bytes. With 0, what is here already is dropped. */
  async write(start: number, pieces: AsyncIterable<Uint8Array>, onBytes: OnBytes): Promise<void> {
    const handle = await open(this.#path, start > 0 ? 'a' : 'w');
    try {
      for await (const piece of pieces) {
        await handle.appendFile(piece);
        onBytes(piece.byteLength);
      }
    } finally {
      await handle.close();
    }
  }

  /** Gives the file its name after its bytes were checked. Returns its SHA-256 in hex. */
  async finish(file: HubFile): Promise<string> {
    // A file without bytes has no request that brings some.
    if (file.bytes === 0) await writeFile(this.#path, '');
    const sha256 = await checkedSha256(this.#path, file);
    await rename(this.#path, this.#target);
    await rm(this.#etagPath, { force: true });
    return sha256;
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
    await rm(this.#etagPath, { force: true });
  }
}
