import { decodeHTMLStrict } from 'entities';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { htmlToText } from './html-text.js';
import { type PageContent, PageText } from './page-text.js';

const XHTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';

/**
 * The entities that XML itself predefines, without the properties that every JavaScript object has.
 */
const PREDEFINED: unknown = Object.assign(Object.create(null), {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  quot: '"',
});
/**
 * The greatest depth to which elements may be nested. Namespaces are looked up in all open
 * elements, which deep nesting would make endless; browsers have such a limit, too.
 */
const MAX_DEPTH = 2048;

const REFERENCE = /&([^&;<\s]+);/g;
/**
 * The number of UTF-16 units for which a page's own entities may stand in total. Parsers of XML
 * have such a limit, too.
 */
const MAX_ENTITY_UNITS = 8 * 1024 * 1024;
const MAX_ENTITY_DEPTH = 40;

class NotWellFormedError extends Error {}

/**
 * Returns the text of an XHTML page, parsed as XML: `<title/>` is an empty element, CDATA sections
 * are text, prefixes stand for namespaces, and references may name the page's own entities and
 * HTML's. A browser shows an error instead of a page that is not well-formed; here such a page is
 * read as HTML, but with empty elements and CDATA sections.
 */
export function xhtmlToText(xhtml: string): PageContent {
  try {
    return wellFormedText(xhtml);
  } catch (error) {
    if (!(error instanceof NotWellFormedError)) throw error;
    return htmlToText(xhtml, { recognizeSelfClosing: true, recognizeCDATA: true });
  }
}

function wellFormedText(xhtml: string): PageContent {
  const page = new PageText();
  const parser = new SaxesParser({ xmlns: true, position: false });
  Object.setPrototypeOf(parser.ENTITIES, PREDEFINED as object);
  defineEntitiesOfHtml(xhtml, parser.ENTITIES);
  parser.on('error', () => {
    throw new NotWellFormedError();
  });
  parser.on('doctype', (doctype) => defineOwnEntities(doctype, xhtml, parser.ENTITIES));
  let depth = 0;
  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new NotWellFormedError();
    page.open(nameOf(tag), 'hidden' in tag.attributes);
  });
  parser.on('text', (text) => page.text(text));
  parser.on('cdata', (text) => page.text(text));
  parser.on('closetag', (tag) => {
    depth -= 1;
    page.close(nameOf(tag));
  });
  parser.write(xhtml).close();
  return page.result();
}

/**
 * Returns what an element is to a browser. HTML elements count also without a namespace, and
 * elements of other vocabularies are mere text.
 */
function nameOf({ local, uri }: SaxesTagNS): string {
  if (uri === XHTML || uri === '') return local;
  return uri === SVG && local === 'svg' ? local : '';
}

/** Defines those entities of HTML that the page refers to. */
function defineEntitiesOfHtml(xhtml: string, entities: Record<string, string>): void {
  for (const [reference, name] of xhtml.matchAll(/&([A-Za-z][A-Za-z0-9]*);/g)) {
    if (name! in entities) continue;
    const text = decodeHTMLStrict(reference);
    if (text !== reference) entities[name!] = text;
  }
}

/**
 * Defines each `<!ENTITY name "text">` of the document type's internal subset. If a name is
 * declared twice, the first declaration counts, and a text may refer to other entities. Throws
 * NotWellFormedError if their texts would be too long, as browsers do.
 */
function defineOwnEntities(doctype: string, xhtml: string, entities: Record<string, string>): void {
  const own = new Map<string, string>();
  for (const [, name, double, single] of doctype.matchAll(
    /<!ENTITY\s+([^\s%"'<>]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g,
  )) {
    if (!own.has(name!)) own.set(name!, double ?? single ?? '');
  }
  let left = MAX_ENTITY_UNITS;
  const spend = (text: string) => {
    left -= text.length;
    if (left < 0) throw new NotWellFormedError();
    return text;
  };
  const known = new Map<string, string>();
  const open = new Set<string>();
  const textOf = (name: string): string => {
    if (open.has(name) || open.size === MAX_ENTITY_DEPTH) throw new NotWellFormedError();
    open.add(name);
    const text = own
      .get(name)!
      .replace(REFERENCE, (reference, other: string) =>
        own.has(other) ? spend(known.get(other) ?? textOf(other)) : decodeHTMLStrict(reference),
      );
    open.delete(name);
    known.set(name, text);
    return text;
  };
  for (const name of own.keys()) entities[name] = known.get(name) ?? textOf(name);
  for (const [, name] of xhtml.matchAll(REFERENCE)) spend(known.get(name!) ?? '');
}
