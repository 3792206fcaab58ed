/** The dataset of the simulation, and the ref that its actors move and read. */
export const SIMULATED_DATASET = 'corpus';
export const REF = 'current';
