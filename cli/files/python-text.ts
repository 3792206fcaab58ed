/**
 * Returns a text as a Python literal. Python reads what JSON writes; only characters that an editor
 * would take for the end of a line are written as escapes, too.
 */
export function pythonText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
