import { expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { createReport, looksSecret } from './report.ts';

/** Made up here. */
const SECRET = `cflt${'Ab1/+'.repeat(12)}`;
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.c2lnbmF0dXJl';

it('prints neither tokens nor secrets, wherever they stand, nor what moves a cursor', () => {
  const lines: string[] = [];
  const report = createReport((line) => lines.push(line), ['opaque-token']);
  report.ok('a', `${SECRET} ${TOKEN}`);
  report.failed(SECRET, 'opaque-token\u001b[2J\nok      forged');
  report.skipped('b', 'x'.repeat(10_000));
  report.found(TOKEN, `one | two ${SECRET}`);
  report.left(SECRET);
  expect(report.close('host')).toBe(false);
  const text = lines.join('\n');
  for (const hidden of [SECRET, TOKEN, 'opaque-token', '\u001b']) expect(text).not.toContain(hidden);
  expect(text).not.toMatch(/^ok +forged/m);
  expect(text).toContain('| [hidden] | one \\| two [hidden] |');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(700);
  expect(text).toMatch(/\n1 ok, 1 failed, 1 not checked$/);
});

it('knows a secret from a reference', () => {
  expect(looksSecret(`{"x":"${SECRET}"}`)).toBe(true);
  expect(looksSecret('{"id":"https://v.vault.azure.net/secrets/cflt-name/0123456789abcdef"}')).toBe(false);
});

const REQUIRED = ['--environment', 'env-1', '--cluster', 'lkc-1'];

it.each(['http://app.azurewebsites.net', 'app.azurewebsites.net', 'ftp://localhost', 'http://localhost.evil.example'])(
  'sends no token to %s',
  (url) => {
    expect(() => readOptions(['--url', url, ...REQUIRED], {})).toThrow('--url must begin with https://');
  },
);

it.each([
  [['--environment', 'env-1', '--cluster', 'lkc-1'], '--url, --environment and --cluster are required'],
  [['--url', 'https://a.example', '--cluster', 'lkc-1'], '--url, --environment and --cluster are required'],
  [['--url', 'https://a.example', ...REQUIRED, '--patience', 'x'], '--patience takes a positive number of seconds'],
])('refuses the arguments %j', (args, sentence) => {
  expect(() => readOptions(args, {})).toThrow(sentence);
});

it('takes tokens from arguments before the environment, and target fields only where they are given', () => {
  const args = ['--url', 'https://app.azurewebsites.net/', ...REQUIRED, '--token', 'a', '--organization', 'org'];
  expect(readOptions(args, { SMOKE_TOKEN: 'b', SMOKE_VAULT_TOKEN: 'c' })).toMatchObject({
    url: 'https://app.azurewebsites.net',
    request: {
      environmentId: 'env-1',
      clusterId: 'lkc-1',
      name: 'smoke test',
      validFor: 'P1D',
      organizationName: 'org',
    },
    token: 'a',
    vaultToken: 'c',
  });
});
