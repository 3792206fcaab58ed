import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { modelInvalid } from '../model-errors.js';

/** A JSON object from a model folder, and the path of its file. */
export interface Configuration {
  file: string;
  values: Readonly<Record<string, unknown>>;
}

/**
 * Reads a file that holds a JSON object. Errors: MODEL_INVALID, naming the file, where it is
 * missing, unreadable or not a JSON object.
 */
export async function readConfiguration(file: string): Promise<Configuration> {
  const values = await readJsonFile(file);
  if (values === null || typeof values !== 'object' || Array.isArray(values))
    throw modelInvalid(file, `${basename(file)} does not hold a JSON object`);
  return { file, values: values as Record<string, unknown> };
}

/** Does the same as `readConfiguration`, but gives no values where the file does not exist. */
export async function readOptionalConfiguration(file: string): Promise<Configuration> {
  const values = await readJsonFile(file, true);
  return values === undefined ? { file, values: {} } : readConfiguration(file);
}

/**
 * Reads a file that holds any JSON value. The result is undefined where an optional file is
 * missing. Errors: MODEL_INVALID.
 */
export async function readJsonFile(file: string, optional = false): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (optional && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw modelInvalid(file, unreadable(file, error), error);
  }
  if (text.trim() === '') throw modelInvalid(file, `${basename(file)} is empty`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw modelInvalid(file, `${basename(file)} is not JSON`, error);
  }
}

function unreadable(file: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `the model folder lacks ${basename(file)}`;
  if (code === 'ENOTDIR') return `${dirname(file)} is no folder`;
  return `${basename(file)} cannot be read (${code ?? 'for an unknown reason'})`;
}

/**
 * Reads a positive whole number. `fallback`, if given, is used for a missing key. Errors:
 * MODEL_INVALID.
 */
export function readCount(configuration: Configuration, key: string, fallback?: number): number {
  const value = configuration.values[key] ?? fallback;
  if (!Number.isSafeInteger(value) || (value as number) <= 0)
    throw modelInvalid(configuration.file, `"${key}" is not a positive whole number`);
  return value as number;
}

/**
 * Reads a whole number that is not negative. `fallback` is used for a missing key. Errors:
 * MODEL_INVALID.
 */
export function readIndex(configuration: Configuration, key: string, fallback: number): number {
  const value = key in configuration.values ? configuration.values[key] : fallback;
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw modelInvalid(configuration.file, `"${key}" is not a whole number from 0`);
  return value as number;
}

/**
 * Reads a positive finite number. `fallback`, if given, is used for a missing key. Errors:
 * MODEL_INVALID.
 */
export function readPositiveNumber(configuration: Configuration, key: string, fallback?: number): number {
  const value = configuration.values[key] ?? fallback;
  if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value))
    throw modelInvalid(configuration.file, `"${key}" is not a positive number`);
  return value;
}

/** Reads true or false. `fallback` is used for a missing key. Errors: MODEL_INVALID. */
export function readBoolean(configuration: Configuration, key: string, fallback: boolean): boolean {
  const value = configuration.values[key] ?? fallback;
  if (typeof value !== 'boolean')
    throw modelInvalid(configuration.file, `"${key}" is neither true nor false`);
  return value;
}
