import { lastWhere } from '../../core/last-where.js';

/** Entries by their place, from 0. */
export interface Listed<Entry> {
  length: number;
  at(place: number): Entry;
}

/** Several lists, of which the entries follow one another. */
export interface JoinedLists<Entry, List extends Listed<Entry>> extends Listed<Entry> {
  /** Returns the list that has the entry at a place, and the entry's place in it. */
  listOf(place: number): { list: List; at: number };
}

/** Addresses the entries of several lists by one place. */
export function joinLists<Entry, List extends Listed<Entry>>(
  lists: readonly List[],
): JoinedLists<Entry, List> {
  const starts: number[] = [];
  let length = 0;
  for (const list of lists) {
    starts.push(length);
    length += list.length;
  }
  const listOf = (place: number) => {
    const index = lastWhere(starts.length, (at) => starts[at]! <= place);
    return { list: lists[index]!, at: place - starts[index]! };
  };
  return {
    length,
    listOf,
    at: (place) => {
      const { list, at } = listOf(place);
      return list.at(at);
    },
  };
}
