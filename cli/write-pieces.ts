/** The number of characters that are collected before they are written. */
const PIECE_LENGTH = 65_536;

/**
 * Writes a text of any length to stdout piece by piece, no faster than it is read. It stops where
 * nobody reads any more.
 */
export async function writePieces(pieces: Iterable<string>): Promise<void> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    if (held.length < PIECE_LENGTH) continue;
    if (!(await write(held))) return;
    held = '';
  }
  await write(held);
}

/** Returns whether somebody still reads, once there is room for more. */
async function write(text: string): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed) return false;
  if (stdout.write(text)) return true;
  if (!stdout.destroyed)
    await new Promise<void>((resolve) => {
      const settle = () => {
        for (const name of ['drain', 'close', 'error']) stdout.off(name, settle);
        resolve();
      };
      for (const name of ['drain', 'close', 'error']) stdout.on(name, settle);
    });
  return !stdout.destroyed;
}
