/**
 * Reads a number of bytes: `800MB`, `4GB`, `4GiB` or plain digits. Returns undefined for any other
 * text, the empty one included.
 */
export function parseByteCount(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(|B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/i.exec(text);
  const unit = match?.[2]?.toUpperCase() ?? '';
  const power = 'BKMGT'.indexOf(unit[0] ?? 'B');
  const bytes = Math.floor(Number(match?.[1]) * (unit.includes('I') ? 1024 : 1000) ** power);
  return match && bytes > 0 ? bytes : undefined;
}
