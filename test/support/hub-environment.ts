import { afterAll, beforeEach } from 'vitest';

/** Every variable that says how the hub is reached. */
const NAMES = [
  'HF_ENDPOINT',
  'HF_HOME',
  'HF_HUB_CACHE',
  'HUGGINGFACE_HUB_CACHE',
  'HF_HUB_OFFLINE',
  'HF_TOKEN',
  'HUGGING_FACE_HUB_TOKEN',
  'HF_TOKEN_PATH',
];

/** Sets the variables of the hub before each test, and restores them after the file's tests. */
export function useHubEnvironment(values: () => Record<string, string>): void {
  const before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
  const set = (chosen: Record<string, string | undefined>) => {
    for (const name of NAMES)
      if (chosen[name] === undefined) delete process.env[name];
      else process.env[name] = chosen[name];
  };
  beforeEach(() => set(values()));
  afterAll(() => set(before));
}
