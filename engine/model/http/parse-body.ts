/**
 * What a body of JSON holds; undefined for any other. Servers written in Python may write NaN and Infinity, which are no
 * JSON; they are read as null, so that such an answer is told from a garbled one.
 */
export function parseBody(text: string): unknown {
  const body = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(body);
  } catch {
    try {
      return JSON.parse(body.replace(/(?<=[[,:\s])-?(?:NaN|Infinity)(?=[\],}\s])/g, 'null'));
    } catch {
      return undefined;
    }
  }
}
