import { VectormillError } from './errors.js';

/**
 * The largest number of bytes of JSON that may be sent to Temporal. Servers take 2 MiB for an
 * argument and 4 MiB for a message (`limit.blobSize.error` and gRPC's own limit). A message holds a
 * job twice: as argument and as memo. Servers answer questions about schedules with 2,000,000 bytes
 * at most.
 */
export const MAX_MESSAGE_BYTES = 1_900_000;

/**
 * Checks that Temporal would take a value. Errors: JOB_INVALID with the name of the field that
 * takes most of the room.
 */
export function assertSendable(
  value: object,
  { what, file }: { what: string; file?: string | undefined },
): void {
  const bytes = sizeOf(value);
  if (bytes <= MAX_MESSAGE_BYTES) return;
  const { path, bytes: largest } = largestField(value);
  const field = path === '' ? '' : `; \`${path}\` holds ${count(largest)} of them`;
  throw new VectormillError(
    'JOB_INVALID',
    `${file === undefined ? '' : `${file}: `}${what} takes ${count(bytes)} bytes, and Temporal takes ${count(MAX_MESSAGE_BYTES)} at most${field}`,
    {
      component: 'job',
      ...(file !== undefined && { file }),
      remedy:
        'Make it shorter: under input.include and input.exclude, a folder or a glob such as `2026/**/*.jsonl` stands for any number of objects.',
    },
  );
}

/**
 * Returns the innermost field, by its name in a job file, that takes more than half of the bytes of
 * what holds it.
 */
function largestField(value: object): { path: string; bytes: number } {
  const names: string[] = [];
  let current: unknown = value;
  while (typeof current === 'object' && current !== null && !Array.isArray(current)) {
    const total = sizeOf(current);
    const [name, inner] = Object.entries(current).find(([, field]) => 2 * sizeOf(field) > total) ?? [];
    if (name === undefined) break;
    // What a record holds under `spec` stands at the top level of its file.
    if (name !== 'spec') names.push(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    current = inner;
  }
  return { path: names.join('.'), bytes: sizeOf(current) };
}

function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').length;
}

function count(bytes: number): string {
  return bytes.toLocaleString('en-US');
}
