/** The dataset of the simulation, and the ref that its actors move and read. */
export const SIMULATED_DATASET = 'corpus';
export const REF = 'current';

/** Returns the version below which an object lies. */
export function versionOfKey(key: string): string {
  return key.slice(`${SIMULATED_DATASET}/versions/`.length).split('/')[0]!;
}
