import {
  type CorpusEntry,
  type CorpusFile,
  type CorpusPage,
  type CorpusState,
  isPage,
} from './corpus-state.js';

/**
 * A change of a corpus. Numbers choose among what the corpus has, whatever their size, so that a
 * history stays one when changes are left out of it. A change that needs what the corpus does not
 * have changes nothing.
 */
export type CorpusChange =
  | { change: 'add'; file: number; at: number; entry: CorpusEntry }
  | { change: 'add file'; file: CorpusFile }
  | { change: 'edit'; page: number; to: Partial<CorpusPage> }
  | { change: 'delete'; entry: number }
  | { change: 'move'; entry: number; file: number; at: number }
  | { change: 'repeat'; page: number; file: number; at: number; to: Partial<CorpusPage> }
  | { change: 'delete file' | 'empty' | 'compress' | 'reverse'; file: number }
  | { change: 'rename' | 'copy file'; file: number; name: string }
  | { change: 'rotate'; file: number; by: number }
  | { change: 'format'; format: CorpusState['format'] };

/**
 * Makes changes one after the other. One that would leave the corpus without a page is not made.
 */
export function changeCorpus(corpus: CorpusState, changes: readonly CorpusChange[]): CorpusState {
  return changes.reduce((state, change) => {
    const next = changed(state, change);
    return next.files.some(({ entries }) => entries.some(isPage)) ? next : state;
  }, corpus);
}

function changed(state: CorpusState, change: CorpusChange): CorpusState {
  const { files } = state;
  const withFiles = (next: readonly CorpusFile[]): CorpusState => ({ ...state, files: next });
  const fileAt = (number: number) => number % files.length;
  const withFile = (number: number, next: (file: CorpusFile) => CorpusFile) =>
    withFiles(files.map((file, place) => (place === fileAt(number) ? next(file) : file)));
  const isFree = (name: string) => files.every((file) => file.name !== name);
  switch (change.change) {
    case 'add':
      return withFile(change.file, (file) => withEntry(file, change.at, change.entry));
    case 'add file':
      return isFree(change.file.name) ? withFiles([...files, change.file]) : state;
    case 'edit':
      return withoutOrWith(state, pageAt(state, change.page), (page) => ({ ...page, ...change.to }));
    case 'delete':
      return withoutOrWith(state, entryAt(state, change.entry));
    case 'move': {
      const from = entryAt(state, change.entry);
      if (!from) return state;
      const left = withoutOrWith(state, from);
      return changed(left, { change: 'add', file: change.file, at: change.at, entry: from.entry });
    }
    case 'repeat': {
      const found = pageAt(state, change.page);
      if (!found) return state;
      const entry = { ...(found.entry as CorpusPage), ...change.to };
      return withFile(change.file, (file) => withEntry(file, change.at, entry));
    }
    case 'delete file':
      return withFiles(files.filter((_, place) => place !== fileAt(change.file)));
    case 'empty':
      return withFile(change.file, (file) => ({ ...file, entries: [] }));
    case 'compress':
      return withFile(change.file, (file) => ({ ...file, gzip: !file.gzip }));
    case 'reverse':
      return withFile(change.file, (file) => ({ ...file, entries: [...file.entries].reverse() }));
    case 'rename':
      return isFree(change.name) ? withFile(change.file, (file) => ({ ...file, name: change.name })) : state;
    case 'copy file':
      return isFree(change.name)
        ? withFiles([...files, { ...files[fileAt(change.file)]!, name: change.name }])
        : state;
    case 'rotate':
      return withFile(change.file, ({ entries, ...file }) => {
        const by = change.by % Math.max(1, entries.length);
        return { ...file, entries: [...entries.slice(by), ...entries.slice(0, by)] };
      });
    case 'format':
      return { ...state, format: change.format };
  }
}

interface FoundEntry {
  file: number;
  place: number;
  entry: CorpusEntry;
}

function entriesOf({ files }: CorpusState): FoundEntry[] {
  return files.flatMap(({ entries }, file) => entries.map((entry, place) => ({ file, place, entry })));
}

function entryAt(state: CorpusState, number: number): FoundEntry | undefined {
  const entries = entriesOf(state);
  return entries[number % Math.max(1, entries.length)];
}

function pageAt(state: CorpusState, number: number): FoundEntry | undefined {
  const pages = entriesOf(state).filter(({ entry }) => isPage(entry));
  return pages[number % Math.max(1, pages.length)];
}

/** Takes an entry out of the corpus, or puts another one in its place. */
function withoutOrWith(
  state: CorpusState,
  found: FoundEntry | undefined,
  next?: (page: CorpusPage) => CorpusPage,
): CorpusState {
  if (!found) return state;
  const files = state.files.map((file, number) => {
    if (number !== found.file) return file;
    const entries = file.entries.flatMap((entry, place) => {
      if (place !== found.place) return [entry];
      return next ? [next(entry as CorpusPage)] : [];
    });
    return { ...file, entries };
  });
  return { ...state, files };
}

function withEntry(file: CorpusFile, at: number, entry: CorpusEntry): CorpusFile {
  return { ...file, entries: file.entries.toSpliced(at % (file.entries.length + 1), 0, entry) };
}
