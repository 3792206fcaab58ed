import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../../infra/project.js';
import { pageOf } from './page.js';

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const layers = JSON.parse(read('engine/layers.json')) as Record<string, string[][]>;
const page = pageOf('docs/architecture.md', read('docs/architecture.md'));
const diagrams = page.blocks
  .filter(({ text }) => /subgraph (engine|model)\d/.test(text))
  .map(({ text }) => drawnLayers(text));

test('the diagrams of the engine show the layers that are enforced', () => {
  expect(diagrams).toEqual(Object.values(layers));
});

test('every folder of the engine has a row that says what lives there', () => {
  const described = [...page.text.matchAll(/^\| `([\w-]+)\/` \|/gm)].map(([, folder]) => folder);
  const folders = Object.values(layers).flat(2);
  expect(folders.filter((folder) => folder !== '.' && !described.includes(folder))).toEqual([]);
});

/**
 * Returns the folders in each `subgraph` of a Mermaid flowchart, the lowest layer first. A node's
 * label, where it has one, is used instead of its name.
 */
function drawnLayers(flowchart: string): string[][] {
  const subgraphs = flowchart.matchAll(/^ *subgraph [^\n]*\n([\s\S]*?)^ *end$/gm);
  const nodes = (inner: string) => [...inner.matchAll(/^ *[\w-]+(?:\["(.+)"\])?$/gm)];
  return [...subgraphs]
    .map(([, inner]) => nodes(inner!).map(([line, label]) => label ?? line.trim()))
    .reverse();
}
