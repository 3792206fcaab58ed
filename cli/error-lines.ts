/** What an error says to a person. */
export interface ToldError {
  message: string;
  remedy: string;
  file?: string | undefined;
  position?: number | undefined;
  /** Who met it, where that was no command. */
  worker?: string | undefined;
}

/** An error as two lines to print: what is wrong, and what to do. */
export function errorLines(error: ToldError): string {
  return `${errorMessage(error)}\n  → ${error.remedy}`;
}

/**
 * What is wrong, in which file and at which place of it, where the message itself does not say so,
 * and who met it.
 */
export function errorMessage({ message, file, position, worker }: Omit<ToldError, 'remedy'>): string {
  const isNamed = file === undefined || message.includes(file);
  const isPlaced = position === undefined || new RegExp(`(?<!\\d)${position}(?!\\d)`).test(message);
  const place = [...(isNamed ? [] : [file]), ...(isPlaced ? [] : [`at ${position}`])];
  const told = place.length === 0 ? message : `${message} (${place.join(', ')})`;
  return worker === undefined ? told : `${told}; met by worker ${worker}`;
}
