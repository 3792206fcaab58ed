import { join } from 'node:path';
import { cacheFolder } from '../engine/files/cache-folder.js';
import { CLI } from './project.js';
import { runProcess } from './run-process.js';

const MODEL = 'all-MiniLM-L6-v2';
/**
 * Packages by the name under which Python imports them. `datasets` has the release that the recipes
 * name, because each release prints its types differently.
 */
const READERS: Readonly<Record<string, string>> = {
  pyarrow: 'pyarrow',
  duckdb: 'duckdb',
  pandas: 'pandas',
  polars: 'polars',
  datasets: 'datasets==5.2.0',
};

/**
 * `make test` gets what the tests need besides the servers: the model, and a Python with the
 * readers that must be able to open our files. Whatever cannot be installed is named here, and the
 * run continues. A test that needs it then fails and names it.
 */
const pulled = await runProcess(process.execPath, [CLI, 'model', 'pull', MODEL]);
if (pulled !== 0) console.error(`The model ${MODEL} is not there; the tests that need it will fail.`);
await prepareReaders(join(cacheFolder(), 'venv-interop'));

async function prepareReaders(folder: string): Promise<void> {
  const python = join(folder, 'bin', 'python');
  const names = Object.keys(READERS).join(', ');
  const present = () => runProcess(python, ['-c', `import ${names}`], { quiet: true });
  if ((await present()) === 0) return console.log(`${names}: using ${folder}, from the cache`);
  console.log(`${names}: installing into ${folder} …`);
  const quietly = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
  const pip = ['install', ...quietly, ...Object.values(READERS)];
  if ((await runProcess('python3', ['-m', 'venv', folder])) === 0)
    await runProcess(python, ['-m', 'pip', ...pip]);
  else if ((await runProcess('python3', ['-m', 'venv', '--clear', '--without-pip', folder])) === 0) {
    // Debian has ensurepip in a separate package. pip 22.3 and later can install into another
    // interpreter.
    await runProcess('python3', ['-m', 'pip', '--python', python, ...pip]);
  }
  if ((await present()) !== 0)
    console.error('They cannot be installed; the tests that read with them skip by name.');
}
