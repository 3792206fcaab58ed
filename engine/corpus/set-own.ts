/**
 * Sets a member of any name. An ordinary assignment to `__proto__` would set the prototype instead.
 */
export function setOwn(object: object, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
  else (object as Record<string, unknown>)[name] = value;
}
