import { expect, test } from 'vitest';
import { withoutSources } from '../../workers/without-sources.js';

const MARK = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';
const encode = (map: unknown) => Buffer.from(JSON.stringify(map)).toString('base64');

test("a bundle's map keeps names and positions, and loses texts and the folder", () => {
  const map = {
    version: 3,
    sources: ['/home/me/mill/a.ts', 'ignored|/home/me/mill/lib|b'],
    sourcesContent: ['x'],
    mappings: 'AA',
  };
  const code = `const text = '${MARK}';\n`;
  const bundle = withoutSources(`${code}${MARK}${encode(map)}`, '/home/me/mill/');
  expect(bundle).toBe(
    `${code}${MARK}${encode({ version: 3, sources: ['a.ts', 'ignored|lib|b'], mappings: 'AA' })}`,
  );
});

test('code without a map stays as it is', () => {
  expect(withoutSources('1;', '/')).toBe('1;');
});
