import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = `${import.meta.dirname}/../..`;

let home: string;
let calls: string;

/** Stands for `az`, `npm` and `curl`: notes how it was called, and answers what the script asks for. */
const STAND_IN = `#!/usr/bin/env bash
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in
  *outputs.functionName.value*) echo ckvend-app ;;
  *outputs.readyUrl.value*) echo https://ckvend-app.azurewebsites.net/api/health/ready ;;
  *health/ready*) [ -n "\${NOT_READY:-}" ] && exit 22; echo '{"status":"ready"}' ;;
esac
exit 0
`;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'deploy-'));
  calls = join(home, 'calls');
  for (const folder of ['infra', 'bin']) mkdirSync(join(home, folder));
  cpSync(`${ROOT}/infra/deploy.sh`, join(home, 'infra/deploy.sh'));
  writeFileSync(join(home, 'infra/my.bicepparam'), '');
  for (const name of ['az', 'npm', 'curl']) {
    writeFileSync(join(home, 'bin', name), STAND_IN);
    chmodSync(join(home, 'bin', name), 0o755);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function deploy(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  writeFileSync(calls, '');
  const { status, stdout, stderr } = spawnSync('bash', [join(home, 'infra/deploy.sh'), ...args], {
    encoding: 'utf8',
    env: { PATH: `${join(home, 'bin')}:${process.env.PATH}`, CALLS: calls, ...env },
  });
  return { status, stdout, stderr, called: readFileSync(calls, 'utf8').trim().split('\n') };
}

it('packages, makes the resources, deploys the package, and waits until it is ready', () => {
  const { status, stdout, called } = deploy(['key-vending', 'westeurope']);
  expect(status).toBe(0);
  expect(stdout).toContain('Ready: https://ckvend-app.azurewebsites.net/api/health/ready');
  const steps = called.map((call) => call.split(' --').at(0));
  expect(steps).toEqual([
    'npm ci',
    'npm run package',
    'az group create',
    'az deployment group create',
    'az deployment group show',
    'az functionapp deployment source config-zip',
    'az deployment group show',
    'curl',
  ]);
  expect(called).toContainEqual(expect.stringContaining('--parameters infra/my.bicepparam'));
  expect(called).toContainEqual(expect.stringMatching(/--name ckvend-app --src dist\/confluent-api-key-vending\.zip/));
});

it('names outputs that the Bicep has', () => {
  const bicep = readFileSync(`${ROOT}/infra/main.bicep`, 'utf8');
  const script = readFileSync(`${ROOT}/infra/deploy.sh`, 'utf8');
  const outputs = [...script.matchAll(/\$\(output (\w+)\)/g)].map(([, name]) => name);
  expect(outputs).toEqual(['functionName', 'readyUrl']);
  for (const name of outputs) expect(bicep).toMatch(new RegExp(`^output ${name} string`, 'm'));
});

it('fails where the function does not become ready', () => {
  const { status, stderr } = deploy(['g', 'l'], { NOT_READY: '1', READY_TRIES: '2', READY_PAUSE_SECONDS: '0' });
  expect(status).toBe(1);
  expect(stderr).toContain('not ready');
});

it.each([
  [['key-vending'], 'usage:'],
  [['key-vending', 'westeurope', 'infra/no.bicepparam'], 'infra/no.bicepparam is not there'],
])('%j is refused before anything is done', (args, why) => {
  const { status, stderr, called } = deploy(args);
  expect(status).toBe(1);
  expect(stderr).toContain(why);
  expect(called).toEqual(['']);
});
