import { InvalidArgumentError } from 'commander';

/** Reads a whole number between bounds, both inclusive; anything else is refused before the command runs. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/**
 * Bytes of a text in an argument. Far more than any model reads of it, and few enough for ONNX Runtime, whose session
 * in a worker thread ends the process where the command line is longer than some 12,000 bytes.
 */
export const ARGUMENT_BYTES = 8_000;

/** A text to be embedded, in an argument. */
export function shortText(text: string): string {
  if (Buffer.byteLength(text) <= ARGUMENT_BYTES) return text;
  throw new InvalidArgumentError(`It must not be longer than ${ARGUMENT_BYTES} bytes.`);
}

/** One of a few names. */
export function oneOf<Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const name = names.find((candidate) => candidate === text);
    if (name !== undefined) return name;
    throw new InvalidArgumentError(`It must be one of: ${names.join(', ')}.`);
  };
}

/** Refuses an option given without a value, as an unset variable in a script would give it. */
export function nonEmpty(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must not be empty.');
}
