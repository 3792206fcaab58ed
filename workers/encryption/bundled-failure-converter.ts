import { DefaultFailureConverter } from '@temporalio/common';
import { failureConverter as encoded } from './failure-converter.js';

/**
 * The converter of the bundled workflows. There is one bundle, which is made when the project is
 * built, and only the worker knows whether it encrypts. It says so by this variable, which it sets
 * before the bundle's own code (`workflow-source.ts`).
 */
const isEncrypted = 'vectormillEncodesFailures' in globalThis;
const chosen = isEncrypted ? encoded : new DefaultFailureConverter();

export { chosen as failureConverter };
