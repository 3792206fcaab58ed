import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Returns the file of a thread that lies beside the module at `moduleUrl`; `name` has no extension.
 * The file is compiled, or it is TypeScript with the loader that development runs on.
 */
export function threadEntry(moduleUrl: string, name: string): { filename: string; execArgv?: string[] } {
  const isSource = moduleUrl.endsWith('.ts');
  const filename = fileURLToPath(new URL(`./${name}.${isSource ? 'ts' : 'js'}`, moduleUrl));
  if (!isSource) return { filename };
  const loader = pathToFileURL(createRequire(moduleUrl).resolve('tsx')).href;
  return { filename, execArgv: ['--import', loader] };
}
