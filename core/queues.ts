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

/** Of which a job takes one to have its model computed on. */
export const EMBED_QUEUES = ['embed-cpu', 'embed-gpu'] as const satisfies readonly Queue[];
export type EmbedQueue = (typeof EMBED_QUEUES)[number];

/** All that a job needs whose model is computed by these workers. */
export function queuesFor(embedQueue: EmbedQueue): Queue[] {
  return QUEUES.filter(
    (queue) => queue === embedQueue || !(EMBED_QUEUES as readonly Queue[]).includes(queue),
  );
}
