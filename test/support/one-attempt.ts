/** Lets work in this process end with the first error that it meets, as its `onRetry`. */
export function oneAttempt(error: Error): never {
  throw error;
}
