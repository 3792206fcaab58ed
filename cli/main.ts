#!/usr/bin/env node
import { loadDevStack } from './environment.js';
import { endWithTerminal } from './interruptible.js';
import { runProgram } from './run-program.js';
import { guardStandardStreams } from './standard-streams.js';

guardStandardStreams();
loadDevStack(process.env, process.cwd());
await runProgram(process.argv.slice(2));
endWithTerminal();
