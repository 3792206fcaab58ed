/** The short form of each long option. It is the same in every command that has the option. */
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
 * Returns an option's flags in commander's notation. The short form comes before the long one where
 * there is one.
 */
export function withShortOption(flags: string): string {
  const short = SHORT_OPTIONS[flags.split(' ')[0]!];
  return short === undefined ? flags : `${short}, ${flags}`;
}
