import { entryOf, type RefEntry } from '../../core/ref.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { listRefs, type NamedRef } from '../../engine/version/list-refs.js';
import { releaseRef } from '../../engine/version/move-ref.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandGroup, GroupedCommand } from '../define-command.js';
import { columns } from '../print.js';
import { findRef } from '../refs/find-ref.js';

const list: GroupedCommand = {
  usage: 'list <dataset>',
  summary: 'List the refs of a dataset: the version that each names, and what moved it last.',
  examples: ['vectormill refs list handbook', 'vectormill refs list s3://bucket/prefix/handbook --json'],
  options: [outputOption],
  async run(input) {
    const stores = storeCache();
    try {
      const { store, dataset } = await findDataset(input, stores.open);
      const refs = await listRefs(store, dataset);
      if (input.json)
        console.log(JSON.stringify({ output: store.root, dataset, refs: refs.map(describeRef) }));
      else if (refs.length === 0) console.log(`${dataset} has no refs.`);
      else for (const line of columns(refs.map(refCells))) console.log(line);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

const log: GroupedCommand = {
  usage: 'log <dataset[@ref]>',
  summary: 'List the moves of a ref, the latest first: generation, version, time, and what moved it.',
  examples: ['vectormill refs log handbook', 'vectormill refs log handbook@candidate --json'],
  options: [outputOption],
  async run(input) {
    const stores = storeCache();
    try {
      const { store, dataset, ref, record } = await findRef(input, stores.open);
      const moves = [entryOf(record), ...record.history];
      if (input.json) console.log(JSON.stringify({ output: store.root, dataset, ref, moves }));
      else for (const line of columns(moves.map(moveCells))) console.log(line);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

const release: GroupedCommand = {
  usage: 'release <dataset[@ref]>',
  summary: 'End the hold of a ref, so that jobs and nights move it again.',
  examples: ['vectormill refs release handbook', 'vectormill refs release handbook@current --json'],
  options: [outputOption],
  async run(input) {
    const stores = storeCache();
    try {
      const { store, dataset, ref, record } = await findRef(input, stores.open);
      const released = record.isHeld;
      await releaseRef(store, { dataset, ref });
      const { version } = record;
      if (input.json) console.log(JSON.stringify({ output: store.root, dataset, ref, version, released }));
      else if (released) console.log(`${dataset}@${ref} is not held any more; it is ${version}`);
      else console.log(`${dataset}@${ref} was not held; it is ${version}`);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

export const refsCommands: CommandGroup = { commands: [list, log, release] };

function describeRef(named: NamedRef) {
  const { ref, previous, isHeld } = named;
  return { ref, ...entryOf(named), previous, isHeld };
}

function refCells({ ref, isHeld, ...record }: NamedRef): string[] {
  return [ref, ...moveCells(record), isHeld ? 'held' : ''];
}

function moveCells({ generation, version, movedAt, by }: RefEntry): string[] {
  return [String(generation), version, new Date(movedAt).toISOString(), by];
}
