#!/usr/bin/env node
import { loadDevStack } from './environment.js';
import { runProgram } from './run-program.js';

loadDevStack(process.env, process.cwd());
await runProgram(process.argv.slice(2));
