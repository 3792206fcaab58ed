import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PROJECT } from '../../infra/project.js';
import { shellCommands } from './shell-commands.js';

/** A page of Markdown, by its path from the project's root. */
export interface Page {
  path: string;
  text: string;
  blocks: readonly Block[];
}

/** A fenced block. Its language may be ''. */
export interface Block {
  language: string;
  text: string;
}

/**
 * Returns the pages directly in a folder of the project, by name. Empty where there is no such
 * folder.
 */
export function pagesIn(folder: string): Page[] {
  let names: string[];
  try {
    names = readdirSync(join(PROJECT, folder));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => pageOf(`${folder}/${name}`, readFileSync(join(PROJECT, folder, name), 'utf8')));
}

export function pageOf(path: string, text: string): Page {
  const fences = text.matchAll(/^(`{3,}|~{3,}) *(\w*)[^\n]*\n([\s\S]*?)^\1[ \t]*$/gm);
  return {
    path,
    text,
    blocks: [...fences].map(([, , language, inner]) => ({ language: language!, text: inner! })),
  };
}

/**
 * Returns the words of every command on a page: the lines of `sh` blocks, and the lines after `$ `
 * in blocks without a language, which show what was printed.
 */
export function commandsOf({ blocks }: Page): string[][] {
  return blocks.flatMap(({ language, text }) => {
    if (/^(sh|bash|shell)$/.test(language)) return shellCommands(text);
    if (!/^(console|text|)$/.test(language)) return [];
    const typed = [...text.matchAll(/^\$ ((?:.*\\\n)*.*)$/gm)].map(([, line]) => line!);
    return typed.flatMap(shellCommands);
  });
}

/**
 * Returns the blocks of YAML, each with the name that its first line, a comment, gives it:
 * `# job.yaml`.
 */
export function yamlFilesOf({ blocks }: Page): { name: string | undefined; text: string }[] {
  return blocks
    .filter(({ language }) => /^ya?ml$/.test(language))
    .map(({ text }) => ({ name: /^# *(?:\S*\/)?([\w.-]+\.ya?ml)\b/.exec(text)?.[1], text }));
}

export interface Link {
  /** The target as it is written. */
  target: string;
  /** The absolute path of the linked file. Undefined for an address. */
  file: string | undefined;
  anchor: string | undefined;
}

/** Returns the links in the text of a page, without those in code. */
export function linksOf({ path, text }: Page): Link[] {
  const prose = text.replace(/^(`{3,}|~{3,})[\s\S]*?^\1[ \t]*$/gm, '').replace(/`[^`\n]*`/g, '`');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => {
    if (/^[a-z]+:/.test(target!)) return { target: target!, file: undefined, anchor: undefined };
    const [file, anchor] = target!.split('#');
    const from = join(PROJECT, path);
    return { target: target!, file: file ? resolve(dirname(from), file) : from, anchor };
  });
}

/** Returns the anchors that GitHub gives the headings of a page. */
export function anchorsOf(text: string): string[] {
  const prose = text.replace(/^(`{3,}|~{3,})[\s\S]*?^\1[ \t]*$/gm, '');
  return [...prose.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\p{Mark}\p{Connector_Punctuation} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
