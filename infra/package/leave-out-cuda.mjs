import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The `preinstall` script of the npm package. onnxruntime-node has a `postinstall` script that, on
 * Linux on x64, downloads the CUDA libraries from outside the registry, some hundred megabytes, and
 * fails the whole installation where it cannot. It does so only for libraries that are not there.
 * npm runs all `preinstall` scripts of an installation before any `postinstall` script, so this
 * script puts placeholders in their places. Whoever asks for the libraries by the script's own
 * setting gets them.
 *
 * It says what to do where it cannot help, and never fails an installation. It is not TypeScript
 * because it runs as it is, also in a clone that is not built.
 */
const SETTINGS = [
  'ONNXRUNTIME_NODE_INSTALL',
  'ONNXRUNTIME_NODE_INSTALL_CUDA',
  'npm_config_onnxruntime_node_install',
  'npm_config_onnxruntime_node_install_cuda',
];

const PLACEHOLDER = 'vectormill put this placeholder here so that the CUDA library is not downloaded.\n';

const require = createRequire(import.meta.url);

if (!SETTINGS.some((name) => process.env[name])) {
  try {
    leaveOut();
  } catch (error) {
    console.error(
      `vectormill: the CUDA libraries could not be left out (${error.message}). If the installation ` +
        'fails or is slow, run it again with ONNXRUNTIME_NODE_INSTALL=skip in the environment.',
    );
  }
}

function leaveOut() {
  const folder = runtimeFolder();
  if (folder === undefined) return;
  const { manifests, requirements } = require(join(folder, 'script', 'install-metadata.js'));
  const platform = `${process.platform}/${process.arch}`;
  for (const requirement of requirements[platform] ?? [])
    for (const name of Object.keys(manifests[`${platform}:${requirement}`])) {
      const file = join(folder, 'bin', 'napi-v6', platform, name);
      if (!existsSync(file)) writeFileSync(file, PLACEHOLDER);
    }
}

/** Returns the folder of onnxruntime-node, or undefined in a clone that has no packages yet. */
function runtimeFolder() {
  try {
    return dirname(require.resolve('onnxruntime-node/package.json'));
  } catch {
    return undefined;
  }
}
