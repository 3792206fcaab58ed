/** The top-level folders of source, `test` included. */
export const ROOMS = [
  'core',
  'engine',
  'local',
  'workflows',
  'activities',
  'workers',
  'cli',
  'api',
  'infra',
  'bench',
  'test',
] as const;
