/** Task queues, by the hardware that serves them. */
export const QUEUES = [
  'control',
  'chunk-cpu',
  'embed-cpu',
  'embed-gpu',
  'index-cpu',
  'mine-cpu',
  'rescore-cpu',
] as const;
export type Queue = (typeof QUEUES)[number];

/** The queues on which a job can have its model computed. A job uses one of them. */
export const EMBED_QUEUES = ['embed-cpu', 'embed-gpu'] as const satisfies readonly Queue[];
export type EmbedQueue = (typeof EMBED_QUEUES)[number];

/** Returns all queues that a job needs when the workers of this queue compute its model. */
export function queuesFor(embedQueue: EmbedQueue): Queue[] {
  return QUEUES.filter(
    (queue) => queue === embedQueue || !(EMBED_QUEUES as readonly Queue[]).includes(queue),
  );
}
