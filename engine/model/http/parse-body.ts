/**
 * Returns the value of a JSON body, and undefined for any other body. Servers written in Python may
 * write NaN and Infinity, which are not JSON. They are read as null, so that such an answer is not
 * taken for a garbled one.
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
