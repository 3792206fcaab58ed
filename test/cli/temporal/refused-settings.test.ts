import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeTinyModel } from '../../engine/model/tiny-model.js';
import { letterDocuments } from '../../support/letter-documents.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { writeCorpus } from '../../support/test-job.js';
import { vectormill, vectormillJson } from '../command-line.js';
import {
  API_KEY,
  at,
  authority,
  byCertificate,
  byKey,
  byName,
  direct,
  examined,
  keyed,
  mtls,
  setTemporal,
  stranger,
  writeProfile,
} from './secured-servers.js';

const REFUSED: readonly [
  what: string,
  settings: () => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>,
  code: string,
  says: RegExp,
  check: string,
][] = [
  ['a wrong key', () => byKey('another-key'), 'TEMPORAL_DENIED', /key of TEMPORAL_API_KEY/, 'key'],
  [
    'no key',
    () => ({ ...byKey(''), TEMPORAL_TLS: 'true' }),
    'TEMPORAL_DENIED',
    /does not let these settings/,
    'key',
  ],
  [
    'a key with a line break',
    () => byKey(`${API_KEY}\n`),
    'SETTING_INVALID',
    /TEMPORAL_API_KEY holds characters/,
    'settings',
  ],
  [
    'an expired certificate',
    () => byCertificate('ca/expired'),
    'TEMPORAL_DENIED',
    /CLIENT_CERT_PATH .*expired\.pem.* expired on/,
    'settings',
  ],
  [
    'a certificate of another CA',
    () => byCertificate('other-ca/stranger'),
    'TEMPORAL_DENIED',
    /refuses the client certificate of TEMPORAL_TLS_CLIENT_CERT_PATH/,
    'certificate',
  ],
  [
    'no client certificate',
    () => ({ TEMPORAL_ADDRESS: mtls.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert }),
    'TEMPORAL_DENIED',
    /ask for a client certificate/,
    'certificate',
  ],
  [
    'a wrong CA',
    () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_SERVER_CA_CERT_PATH: stranger.cert }),
    'SETTING_INVALID',
    /is not trusted/,
    'certificate',
  ],
  [
    'a certificate for another name',
    () => ({ ...byCertificate('ca/client'), TEMPORAL_ADDRESS: byName.address }),
    'SETTING_INVALID',
    /is for another name/,
    'certificate',
  ],
  [
    'a client key that is none',
    () => ({
      ...byCertificate('ca/client'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: '',
      TEMPORAL_TLS_CLIENT_KEY_DATA: API_KEY,
    }),
    'SETTING_INVALID',
    /TEMPORAL_TLS_CLIENT_KEY_DATA is no private key/,
    'settings',
  ],
  [
    'a key of another certificate',
    () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_CLIENT_KEY_PATH: at('ca/server.key') }),
    'SETTING_INVALID',
    /does not belong/,
    'settings',
  ],
  [
    'a certificate that is not there',
    () => byCertificate('nothing'),
    'SETTING_INVALID',
    /nothing\.pem.*ENOENT/,
    'settings',
  ],
  [
    'a certificate without its key',
    () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_CLIENT_KEY_PATH: '' }),
    'SETTING_INVALID',
    /no client key is/,
    'settings',
  ],
  [
    'TLS to a plain server',
    () => ({ TEMPORAL_ADDRESS: direct.address, TEMPORAL_TLS: 'true' }),
    'SETTING_INVALID',
    /does not speak TLS/,
    'certificate',
  ],
  [
    'no TLS to a TLS server',
    () => ({ TEMPORAL_ADDRESS: keyed.address }),
    'SETTING_INVALID',
    /expects TLS/,
    'certificate',
  ],
  [
    'an unknown profile',
    async () => ({ ...(await writeProfile()), TEMPORAL_PROFILE: 'nobody' }),
    'SETTING_INVALID',
    /TEMPORAL_PROFILE names the profile nobody/,
    'settings',
  ],
  [
    'a file that does not parse',
    async () => {
      await writeFile(at('broken.toml'), `[profile.default]\napi_key = "${API_KEY}\n`);
      return { TEMPORAL_CONFIG_FILE: at('broken.toml') };
    },
    'SETTING_INVALID',
    /broken\.toml is not valid TOML at line 2/,
    'settings',
  ],
  [
    'a file that is not there',
    () => ({ TEMPORAL_CONFIG_FILE: at('nowhere.toml') }),
    'SETTING_INVALID',
    /TEMPORAL_CONFIG_FILE names .*nowhere\.toml/,
    'settings',
  ],
];

test.each(REFUSED)('%s is refused: command, worker and one check of the doctor say it', async (...row) => {
  const [, settings, code, says, check] = row;
  setTemporal(await settings());
  const { code: exit, json } = await vectormillJson('list');
  expect([exit, json.error.code]).toEqual([2, code]);
  expect(json.error.message).toMatch(says);
  expect(JSON.stringify(json)).not.toContain(API_KEY);
  const worker = await vectormill('worker');
  expect([worker.code, worker.stdout]).toEqual([2, '']);
  expect(worker.stderr).toContain(`refused (${code})`);
  const { failed, found } = await examined();
  expect({ failed, found }).toEqual({ failed: [check], found: expect.stringMatching(says) });
  expect(`${worker.stderr}${found}`).not.toContain(API_KEY);
});

test('an unknown namespace is named', async () => {
  setTemporal({ ...byKey(API_KEY), TEMPORAL_NAMESPACE: 'nobody-made-this' });
  const says = expect.stringContaining('has no namespace nobody-made-this');
  expect((await vectormillJson('list')).json.error).toMatchObject({
    code: 'TEMPORAL_UNAVAILABLE',
    message: says,
  });
  expect(await examined()).toEqual({ failed: ['namespace'], found: says });
});

test.each([
  ['127.0.0.1:9', /nothing listens there/, 'temporal'],
  ['temporal.invalid:7233', /its name is not known/, 'address'],
])('why a server cannot be reached at %s', async (address, says, check) => {
  setTemporal({ TEMPORAL_ADDRESS: address });
  const { code, json } = await vectormillJson('list');
  expect([code, json.error.code, json.error.message]).toEqual([
    1,
    'TEMPORAL_UNAVAILABLE',
    expect.stringMatching(says),
  ]);
  expect(await examined()).toEqual({ failed: [check], found: expect.stringMatching(says) });
});

describe('a command whose server does not let it in writes nothing, and makes no folder', () => {
  test.each([
    ['a wrong key', () => byKey('another-key'), 'TEMPORAL_DENIED'],
    [
      'an unknown namespace',
      () => ({ ...byKey(API_KEY), TEMPORAL_NAMESPACE: 'nobody-made-this' }),
      'TEMPORAL_UNAVAILABLE',
    ],
    ['no server', () => ({ TEMPORAL_ADDRESS: '127.0.0.1:9' }), 'TEMPORAL_UNAVAILABLE'],
  ])('%s', async (_, settings, code) => {
    const folder = temporaryFolder();
    const file = (name: string) => join(folder, name);
    mkdirSync(file('corpus'));
    writeCorpus(folder, { 'a.jsonl': letterDocuments(3) });
    await writeTinyModel(file('model'));
    const job = { dataset: 'letters', input: './corpus', output: './out', model: './model' };
    writeFileSync(file('job.json'), JSON.stringify({ ...job, version: 'v1' }));
    writeFileSync(file('nightly.json'), JSON.stringify({ name: 'letters', cron: '0 2 * * *', job }));
    setTemporal(settings());
    for (const line of [
      ['run', file('job.json')],
      ['night', file('nightly.json'), '--temporal'],
      ['schedule', 'create', file('nightly.json')],
    ])
      expect((await vectormillJson(...line)).json.error).toMatchObject({ code });
    expect(existsSync(file('out'))).toBe(false);
  });
});
