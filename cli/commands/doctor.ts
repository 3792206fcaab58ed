import { checkPlace } from '../../engine/version/dataset-place.js';
import type { CommandDefinition } from '../define-command.js';
import { type Check, type Finding, runChecks } from '../doctor/check.js';
import { cacheCheck, coresCheck, diskCheck, nodeCheck } from '../doctor/machine-checks.js';
import { executionProvidersCheck, modelCheck, runtimeCheck } from '../doctor/model-checks.js';
import { storeCheck, workersCheck } from '../doctor/service-checks.js';
import { encryptionCheck, settingsCheck } from '../doctor/settings-check.js';
import { temporalChecks } from '../doctor/temporal-checks.js';
import { nonEmpty } from '../option-values.js';
import { RESOURCE_OPTIONS, resourceChoice } from '../resource-options.js';

export const doctorCommand: CommandDefinition = {
  examples: [
    'vectormill doctor',
    'vectormill doctor --model ./my-model --output s3://bucket/prefix --json',
    'vectormill doctor --provider cuda',
  ],
  options: [
    {
      flags: '--model <name>',
      description: 'model to load, by name, path or .yaml file',
      fallback: 'all-MiniLM-L6-v2',
      parse: nonEmpty,
    },
    ...RESOURCE_OPTIONS,
    {
      flags: '--output <uri>',
      description: 'store to try conditional writes on (default: VECTORMILL_OUTPUT)',
      parse: nonEmpty,
    },
  ],
  async run({ options, json }) {
    const output = (options.output as string | undefined) ?? (process.env.VECTORMILL_OUTPUT || undefined);
    const checks: Check[] = [
      nodeCheck,
      coresCheck,
      cacheCheck,
      diskCheck,
      runtimeCheck,
      executionProvidersCheck,
      modelCheck(String(options.model), resourceChoice(options)),
      settingsCheck,
      encryptionCheck,
      ...temporalChecks(),
      workersCheck,
      storeCheck(output === undefined ? undefined : checkPlace(output)),
    ];
    const findings: Finding[] = [];
    for await (const finding of runChecks(checks)) {
      findings.push(finding);
      if (!json) console.log(findingLine(finding));
    }
    const isOk = findings.every(({ status }) => status !== 'failed');
    if (json) console.log(JSON.stringify({ ok: isOk, checks: findings }));
    return isOk ? 0 : 1;
  },
};

function findingLine({ name, status, found, remedy }: Finding): string {
  return `${status.padEnd(6)}  ${name.padEnd(11)}  ${found}${remedy ? `\n${' '.repeat(21)}→ ${remedy}` : ''}`;
}
