#!/usr/bin/env node
import { CommanderError } from 'commander';
import { loadDevStack } from './environment.js';
import { createProgram } from './program.js';

loadDevStack(process.env, process.cwd());
const program = createProgram();
for (const command of [
  program,
  ...program.commands,
  ...program.commands.flatMap(({ commands }) => commands),
]) {
  command.exitOverride();
}
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version end with 0; anything else that commander stops for is a misuse: refused.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
