import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const above = dirname(fileURLToPath(new URL('.', import.meta.url)));

/** The clone's root, whether this runs from the sources or from `dist`. */
export const PROJECT = basename(above) === 'dist' ? dirname(above) : above;

/** The built command. */
export const CLI = join(PROJECT, 'dist', 'cli', 'main.js');

/** What the dev stack and the demo leave behind; `make clean` removes it. */
export const STATE_FOLDER = join(PROJECT, '.vectormill');
