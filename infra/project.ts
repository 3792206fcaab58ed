import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const above = dirname(fileURLToPath(new URL('.', import.meta.url)));

/** The root of the clone, whether this code runs from the sources or from `dist`. */
export const PROJECT = basename(above) === 'dist' ? dirname(above) : above;

/** The path of the built command. */
export const CLI = join(PROJECT, 'dist', 'cli', 'main.js');

/**
 * The folder for the files that the dev stack and the demo leave behind. `make clean` removes it.
 */
export const STATE_FOLDER = join(PROJECT, '.vectormill');
