/** The short form of an option, by its long one; the same in every command that has it. */
export const SHORT_OPTIONS: Readonly<Record<string, string>> = {
  '--detach': '-d',
  '--force': '-f',
  '--input': '-i',
  '--json': '-j',
  '--limit': '-n',
  '--model': '-m',
  '--output': '-o',
  '--query': '-q',
  '--ref': '-r',
  '--top': '-k',
  '--wait': '-w',
};

/**
 * An option's flags in commander's notation, with the short form before the long one where it has
 * one.
 */
export function withShortOption(flags: string): string {
  const short = SHORT_OPTIONS[flags.split(' ')[0]!];
  return short === undefined ? flags : `${short}, ${flags}`;
}
