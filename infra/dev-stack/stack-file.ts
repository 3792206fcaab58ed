import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const identity = z.object({ pid: z.int().positive(), startTime: z.string() });

const stackSchema = z.object({
  formatVersion: z.literal(1),
  temporal: identity.extend({ address: z.string(), ui: z.string().optional() }).optional(),
  s3: identity
    .extend({
      endpoint: z.string(),
      region: z.string(),
      credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
    })
    .optional(),
  /** `build` is when the command that it runs was built, in ms since the epoch. */
  worker: identity.extend({ build: z.number() }).optional(),
});

/**
 * The servers that `make up` started and that `make down` stops. A server that was already
 * configured is not part of it.
 */
export type StackState = z.output<typeof stackSchema>;

/**
 * Returns the state of this folder's stack. It is empty where there is no file, or one that cannot
 * be understood.
 */
export async function readStack(folder: string): Promise<StackState> {
  try {
    return stackSchema.parse(JSON.parse(await readFile(join(folder, 'stack.json'), 'utf8')));
  } catch {
    return { formatVersion: 1 };
  }
}

/**
 * Replaces the state in one step. Only the owner can read the file, because it contains a secret.
 */
export async function writeStack(folder: string, state: StackState): Promise<void> {
  await replaceFile(folder, 'stack.json', `${JSON.stringify(stackSchema.parse(state), null, 2)}\n`);
}

/**
 * Writes `stack.env`, whose lines a shell can source and which the command reads by itself. An
 * empty value unsets the variable.
 */
export async function writeStackEnvironment(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(environment).map(([name, value]) =>
    value === '' ? `unset ${name}\n` : `export ${name}='${value}'\n`,
  );
  await replaceFile(folder, 'stack.env', lines.join(''));
}

export async function removeStack(folder: string): Promise<void> {
  await rm(join(folder, 'stack.json'), { force: true });
  await rm(join(folder, 'stack.env'), { force: true });
}

async function replaceFile(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `.${name}.${process.pid}`);
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, join(folder, name));
}
