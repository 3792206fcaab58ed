/** The parts of an error that are printed for a person. */
export interface ToldError {
  message: string;
  remedy: string;
  file?: string | undefined;
  position?: number | undefined;
  /** The worker that met the error, unless it was the command. */
  worker?: string | undefined;
}

/** Returns the two lines to print for an error: what is wrong, and what to do. */
export function errorLines(error: ToldError): string {
  return `${errorMessage(error)}\n  → ${error.remedy}`;
}

/**
 * Returns a message that says what is wrong, in which file and where in it (unless the error's own
 * message says so already), and which worker met the error.
 */
export function errorMessage({ message, file, position, worker }: Omit<ToldError, 'remedy'>): string {
  const isNamed = file === undefined || message.includes(file);
  const isPlaced = position === undefined || new RegExp(`(?<!\\d)${position}(?!\\d)`).test(message);
  const place = [...(isNamed ? [] : [file]), ...(isPlaced ? [] : [`at ${position}`])];
  const line = place.length === 0 ? message : `${message} (${place.join(', ')})`;
  return worker === undefined ? line : `${line}; met by worker ${worker}`;
}
