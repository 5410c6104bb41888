import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { until } from '../e2e/harness.ts';
import { CHECKS, createDeployment, type Deployment, READY, stepOf } from './deploy-script.ts';

// Each runs the script, which starts some thirty processes.
vi.setConfig({ testTimeout: 120_000 });

let deployment: Deployment;
const deploy: Deployment['run'] = (...how) => deployment.run(...how);

beforeAll(() => {
  deployment = createDeployment();
});
beforeEach(() => deployment.reset());
afterAll(() => deployment.close());

const GROUP_ON = [
  'az group exists',
  'az group show',
  'az deployment group create',
  'az deployment group show',
  'az deployment group show',
  'az functionapp deployment source config-zip',
  'curl',
];

/** Every call that changes something, word by word: with `--mode Complete` a deployment deletes all else of its group. */
const CHANGES = [
  'npm ci',
  'npm run package',
  'az deployment group create --resource-group key-vending --name main --parameters infra/my.bicepparam --output none',
  'az functionapp deployment source config-zip --resource-group key-vending --name ckvend-app --src dist/confluent-api-key-vending.zip --output none',
];
const isNoQuestion = (call: readonly string[]): boolean =>
  call[0] !== 'curl' && !/ (version|show|list|exists|list-\S+|build-params)$/.test(` ${stepOf(call)}`);

it('checks, packages, makes the resources, uploads the package, waits until it is ready, and says what is next', () => {
  const { status, stdout, stderr, steps } = deploy();
  expect([status, stderr]).toEqual([0, '']);
  expect(steps).toEqual([...CHECKS, 'npm ci', 'npm run package', ...GROUP_ON]);
  expect(stdout.split('\n').slice(0, 6)).toEqual([
    expect.stringMatching(
      /^checks {4}az 2\.79\.0, subscription Team Azure 0{8}-.*1, organization our-organization, Node\.js 24 {2}\d+ s$/,
    ),
    expect.stringMatching(/^package {3}done {2}\d+ s$/),
    expect.stringMatching(/^group {5}key-vending in westeurope {2}\d+ s$/),
    expect.stringMatching(/^resources ckvend-app {2}\d+ s$/),
    expect.stringMatching(/^upload {4}done {2}\d+ s$/),
    expect.stringMatching(new RegExp(`^ready {5}${READY} {2}\\d+ s$`)),
  ]);
  expect(stdout).toContain('npm run smoke -- --url https://ckvend-app.azurewebsites.net --environment');
  expect(deployment.calls().filter(isNoQuestion)).toEqual(CHANGES.map((line) => line.split(' ')));
});

it('makes the resource group where there is none', () => {
  const { status, steps } = deploy(undefined, { GROUP_EXISTS: 'false' });
  expect(status).toBe(0);
  expect(steps).toContain('az group create');
  const made = deployment.calls().filter((call) => stepOf(call) === 'az group create');
  expect(made.map((call) => call.join(' '))).toEqual([
    'az group create --name key-vending --location westeurope --output none',
  ]);
});

it('leaves a resource group as it is, with its tags', () => {
  const { status, stdout, steps } = deploy(['key-vending', 'West Europe']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^group {5}key-vending in westeurope {2}/m);
  expect(steps).not.toContain('az group create');
});

it.each([
  [['key-vending', 'northeurope'], {}, 'Resource group key-vending is in westeurope, not in northeurope.'],
  [undefined, { GROUP_EXISTS: 'unknown' }, 'Azure does not say whether the resource group key-vending exists.'],
])('neither makes nor uses a group that it cannot be sure of: %j %j', (args, env, sentence) => {
  const { status, stderr, steps } = deploy(args, env);
  expect(status).toBe(1);
  expect(stderr).toContain(sentence);
  expect(steps.at(-1)).toMatch(/^az group (exists|show)$/);
});

it('repeats resources and upload while the roles of a new identity are not visible everywhere', () => {
  const { status, stdout, steps } = deploy(undefined, { ROLES_LATE: '2', STORAGE_LATE: '1', READY_LATE: '3' });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^resources \(try 2\) \(try 3\) ckvend-app/m);
  const count = (step: string): number => steps.filter((one) => one === step).length;
  expect(count('az deployment group create')).toBe(3);
  expect(count('az functionapp deployment source config-zip')).toBe(2);
  expect(count('curl')).toBe(4);
});

it.each([
  ['resources', { ROLES_LATE: '9' }, 'The resources could not be deployed.\n  | ERROR: role\n', 3],
  ['resources', { REFUSED: 'InvalidTemplateDeployment' }, 'The resources could not be deployed.\n  | ERROR: Inv', 1],
  ['upload', { STORAGE_LATE: '9' }, 'The package could not be uploaded.\n  | ERROR: 403\n', 1],
])('ends at %s that fail for good %j', (stage, env, sentence, creations) => {
  const { status, stdout, stderr, steps } = deploy(undefined, env);
  expect(status).toBe(1);
  expect(stdout).toMatch(new RegExp(`\n${stage} .*failed\n$`));
  expect(stderr).toContain(sentence);
  expect(steps.filter((step) => step === 'az deployment group create')).toHaveLength(creations);
});

it("goes on to its own question when az's health check never answers", () => {
  const began = performance.now();
  const { status, stdout } = deploy(undefined, { HEALTH_SILENT: '/dev/null', UPLOAD_SECONDS: '1' });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^upload {4}done/m);
  expect(performance.now() - began).toBeLessThan(100_000);
});

it.each([
  [{ READY_LATE: '9' }, `${READY} answers 503: {"status":"not-ready","failing":["vault"]}`],
  [
    { READY_LATE: '9', STATUS: '403' },
    'allowedCallers must contain its address. Or the app is stopped: az functionapp start',
  ],
  [{ READY_LATE: '9', STATUS: '404' }, 'The app has no functions'],
  [{ CURL_CODE: '6' }, 'DNS does not know the host'],
  [{ CURL_CODE: '28' }, `${READY} does not answer (curl exit code 28)`],
])('ends with 3 when the app does not become ready: %j', (env, sentence) => {
  const { status, stderr } = deploy(undefined, { ...env, READY_SECONDS: '0' });
  expect(status).toBe(3);
  expect(stderr).toContain('Deployed, but not ready. ');
  expect(stderr).toContain(sentence);
});

it('ends at Ctrl-C, and what it had started ends too', async () => {
  const pidFile = join(deployment.home, 'pid');
  const env = deployment.environment({ HEALTH_SILENT: pidFile });
  const child = spawn('/bin/bash', [deployment.script, 'g', 'westeurope'], { env });
  const pid = await until(() => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) || undefined : undefined));
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  expect(code).toBe(130);
  await until(() => (isRunning(pid) ? undefined : true));
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
