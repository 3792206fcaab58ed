#!/usr/bin/env node
import { loadDevStack } from './environment.js';
import { endWithTerminal } from './interruptible.js';
import { runProgram } from './run-program.js';
import { guardStandardStreams } from './standard-streams.js';

guardStandardStreams();
const { file, notUsed, isSurprising } = loadDevStack(process.env, process.cwd());
if (isSurprising) console.error(`note: ${file} is not used: ${notUsed}`);
await runProgram(process.argv.slice(2));
endWithTerminal();
