import { hostname } from 'node:os';
import type { PinOwner } from '../core/retention/pin.js';

/** Returns this process as the owner of pins. */
export function thisProcess(): PinOwner {
  return { host: hostname(), process: process.pid };
}
