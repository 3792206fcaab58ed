import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { FreshClone } from './fresh-clone.js';
import { type Page, yamlFilesOf } from './page.js';
import { shellCommands } from './shell-commands.js';

/**
 * The steps that a reader takes besides copying commands, where the prose of the page asks for
 * them.
 */
export interface ByHand {
  /**
   * A pattern in the output that the page shows for a command. `act` is called before that command.
   */
  before: RegExp;
  act: () => Promise<void> | void;
}

export interface Walk {
  clone: FreshClone;
  /** The folder in which the page's YAML files are saved, relative to the clone. */
  folder: string;
  byHand?: readonly ByHand[];
  /** Is called where the page types `make up`. */
  onUp: () => Promise<void> | void;
  /** Whether a command is not run, because of what it needs. */
  isSkipped?: (words: readonly string[]) => boolean;
  /** Whether a command is refused, because nothing is running at that moment that it could end. */
  isRefused?: (words: readonly string[]) => boolean;
}

/**
 * A command and the output that the page shows for it. The output is undefined where the page shows
 * none.
 */
interface Typed {
  words: string[];
  printed: string | undefined;
}

/**
 * Lines whose words are the same in each run. The number of other lines, such as progress and
 * scores, may vary.
 */
const OUTCOME =
  /is complete \(|is started|is pausing|goes on|^refused \(|is as its manifest says|published,|is v\d now|is created;|is replaced;|^the night: |^last night: |^ {2}(embed|mine|index) +(done|failed|not)/;

/**
 * Does everything that a recipe shows, in the page's order, and compares exit codes and outcomes
 * with the page.
 */
export async function walkRecipe(page: Page, walk: Walk): Promise<void> {
  const { clone, folder, byHand = [] } = walk;
  for (const { name, text } of yamlFilesOf(page)) save(clone, join(folder, name!), text);
  let from = 0;
  for (const { language, text } of page.blocks) {
    const at = page.text.indexOf(text, from);
    const path = fileOf(page.text.slice(from, at), language, text);
    from = at + text.length;
    if (path !== undefined) save(clone, path, text);
    for (const typed of typedIn(language, text)) {
      for (const { before, act } of byHand) if (before.test(typed.printed ?? '')) await act();
      if (typed.words.join(' ') === 'make up') await walk.onUp();
      if (walk.isSkipped?.(typed.words)) continue;
      await enter(clone, typed, walk.isRefused?.(typed.words) ?? false);
    }
  }
}

function save(clone: FreshClone, path: string, text: string): void {
  const file = join(clone.folder, path);
  if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/**
 * Returns the path under which a reader saves a block. Its first line names it, or the sentence
 * before it.
 */
function fileOf(before: string, language: string, text: string): string | undefined {
  if (language === 'python') {
    const named = /^# ([\w-]+\.py)\b/.exec(text)?.[1];
    if (named !== undefined) return named;
  }
  if (!/^(python|)$/.test(language) || text.includes('$ ')) return undefined;
  return /`([\w/.-]+\.\w+)`[^`\n]*:\s*\n+```\w*\n$/.exec(before)?.[1];
}

function typedIn(language: string, text: string): Typed[] {
  if (language === 'sh') return shellCommands(text).map((words) => ({ words, printed: undefined }));
  if (language !== '') return [];
  return text
    .split(/^\$ /m)
    .slice(1)
    .flatMap((entry) => {
      const [line = '', ...printed] = entry.split('\n');
      return shellCommands(line).map((words) => ({ words, printed: printed.join('\n') }));
    });
}

async function enter(clone: FreshClone, { words, printed = '' }: Typed, isRefused: boolean): Promise<void> {
  const line = words.join(' ');
  const { code, stdout, stderr } = await clone.enter(words);
  const refused = isRefused || /^refused \((\w+)\)/m.test(printed);
  const failed = /^(the|last) night: .*failed/m.test(printed);
  expect(code, `${line}\n${stdout}${stderr}`).toBe(refused ? 2 : failed ? 1 : 0);
  const given = linesWithoutNumbers(`${stdout}${stderr}`);
  for (const shown of linesWithoutNumbers(printed).filter((text) => OUTCOME.test(text)))
    expect(given, `${line}\n${stdout}${stderr}`).toContain(shown);
}

/** Returns the lines, with each number, time and fingerprint replaced by `0`. */
function linesWithoutNumbers(text: string): string[] {
  return text.split('\n').map((line) =>
    line
      .replace(/\b[0-9a-f]{12}\b/g, '0')
      .replace(/\b\d{8}T\d{6}Z|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '0')
      .replace(/\(?(\d+m )?\d+s\)?/g, '0')
      .replace(/(?<!@v|^v)[\d,]*\.?\d+/g, '0'),
  );
}
