import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { findCompiler } from './bicep/compiler.ts';
import { outputsOf, parametersOf } from './bicep/document.ts';
import { bicepFiles, infraFile, parseBicep } from './bicep/syntax.ts';
import { CHECKS, createDeployment, type Deployment, MINE, PROVIDERS, SAMPLE, stepOf } from './deploy-script.ts';

// Each runs the script, which starts some thirty processes.
vi.setConfig({ testTimeout: 120_000 });

const compiler = findCompiler();

let deployment: Deployment;
const deploy: Deployment['run'] = (...how) => deployment.run(...how);

beforeAll(() => {
  deployment = createDeployment();
});
beforeEach(() => deployment.reset());
afterAll(() => deployment.close());

it.each([
  [{ NO_LOGIN: '1' }, 'You are not logged in: az login'],
  [{ AZ_VERSION: '2.59.0' }, 'az is 2.59.0, and 2.60.0 or later is needed'],
  [{ AZ_VERSION: '2.9.1' }, 'az is 2.9.1, and 2.60.0 or later is needed'],
  [{ PROVIDERS: 'Web Storage KeyVault ManagedIdentity OperationalInsights Insights' }, ': Microsoft.ServiceBus\n'],
  [
    // Microsoft.StorageSync is not Microsoft.Storage.
    { PROVIDERS: PROVIDERS.replaceAll(/\w+/g, '$&Sync Of$&') },
    `: ${PROVIDERS.replaceAll(/\w+/g, 'Microsoft.$&')}\n`,
  ],
  [{ NO_ORGANIZATION: '1' }, 'You cannot see the Confluent organization our-organization in resource group streaming'],
  [{ RUNTIMES: '20 22' }, 'Flex Consumption in westeurope offers Node.js 20 22, not 24: set param nodeVersion.'],
])('changes nothing when a check fails: %j', (env, sentence) => {
  const { status, stderr, steps } = deploy(undefined, env);
  expect(status).toBe(2);
  expect(stderr).toContain(sentence);
  expect(CHECKS).toEqual(expect.arrayContaining(steps));
});

it('goes on with a warning where resource providers are not listed: an owner of the groups has no right to it', () => {
  const { status, stdout } = deploy(undefined, { NO_PROVIDERS: '1' });
  expect(status).toBe(0);
  const names = PROVIDERS.replaceAll(/\w+/g, 'Microsoft.$&');
  expect(stdout).toMatch(
    new RegExp(`^ {10}Warning: you may not list resource providers\\. Have these registered: ${names}$`, 'm'),
  );
});

it('asks for the resource providers that private networking and Event Grid need', () => {
  deployment.evaluated('my', { ...MINE, privateNetworking: true, eventGrid: true });
  expect(deploy().stderr).toContain(': Microsoft.EventGrid Microsoft.Network Microsoft.App\n');
});

it.each([
  ['some', { ...MINE, policy: SAMPLE.policy, runbookUrl: SAMPLE.runbookUrl }, 'policy, runbookUrl'],
  ['a list', { ...MINE, alertEmails: SAMPLE.alertEmails }, 'alertEmails'],
  ['all', SAMPLE, 'policy, entraAudience, confluentResourceGroup, confluentOrganization, alertEmails, runbookUrl'],
])('refuses parameters that still have values of the sample, and names them: %s', (_which, given, names) => {
  deployment.evaluated('my', given);
  const { status, stderr } = deploy();
  expect(status).toBe(2);
  expect(stderr).toContain(`infra/my.bicepparam still has the sample's values of: ${names}.`);
});

it.skipIf(compiler === undefined)('reads what the real compiler makes of parameters', () => {
  const COMPILER = compiler ?? '';
  const values = Object.entries({ ...MINE, policy: '{ "rules": [] }', confluentOrganization: undefined });
  const lines = values.map(([name, value]) => `param ${name} = ${JSON.stringify(value)?.replaceAll('"', "'")}`);
  const organization = "param confluentOrganization = readEnvironmentVariable('ORGANIZATION')";
  const text = ["using 'main.bicep'", ...lines.filter((line) => !line.endsWith('undefined')), organization].join('\n');
  writeFileSync(join(deployment.home, 'infra/evaluated.bicepparam'), text);
  const env = { COMPILER, HOME: homedir(), ORGANIZATION: 'from-elsewhere' };
  const { status, stdout, stderr } = deploy(['--what-if', 'g', 'westeurope', 'infra/evaluated.bicepparam'], env);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('organization from-elsewhere, Node.js 24');
});

it('finds a policy that the function could not read before it changes anything in Azure', () => {
  deployment.evaluated('my', { ...MINE, policy: '{ "rules": [{}] }' });
  const { status, stderr, steps } = deploy();
  expect(status).toBe(1);
  expect(stderr).toContain('The parameter policy is no valid policy.');
  expect(stderr).toContain('rules[0].');
  expect(steps).not.toContain('az group create');
});

it('takes the Node.js version and the subscription of the organization from the parameters', () => {
  const confluentSubscriptionId = '00000000-0000-0000-0000-000000000002';
  deployment.evaluated('my', { ...MINE, nodeVersion: '22', confluentSubscriptionId });
  expect(deploy(undefined, { RUNTIMES: '22' }).status).toBe(0);
  const [show = []] = deployment.calls().filter((call) => stepOf(call) === 'az resource show');
  expect(show).toContain(confluentSubscriptionId);
});

it('warns of locks, under which no key can be deleted', () => {
  expect(deploy(undefined, { LOCKS: 'keep' }).stdout).toContain('Warning: resource group streaming has locks (keep).');
});

it.each([
  ['true', '  + Microsoft.Web/sites/ckvend-app\n', ['az group exists', 'az deployment group what-if']],
  ['false', 'everything in infra/main.bicep would be new', ['az group exists']],
])('--what-if shows the changes and stops (the group exists: %s)', (exists, shown, then) => {
  const { status, stdout, steps } = deploy(['--what-if', 'key-vending', 'westeurope'], { GROUP_EXISTS: exists });
  expect(status).toBe(0);
  expect(stdout).toContain(shown);
  expect(steps).toEqual([...CHECKS, ...then]);
});

it.each([
  [['key-vending'], 'usage:'],
  [['key-vending', 'westeurope', 'infra/no.bicepparam'], 'infra/no.bicepparam is not there'],
])('%j is refused before anything is done', (args, why) => {
  const { status, stderr, steps } = deploy(args);
  expect(status).toBe(2);
  expect(stderr).toContain(why);
  expect(steps).toEqual([]);
});

it('fails at once where there is no az', () => {
  const folder = join(deployment.home, 'no-az');
  mkdirSync(folder);
  symlinkSync('/usr/bin/dirname', join(folder, 'dirname'));
  const { status, stderr, steps } = deploy(undefined, { PATH: folder });
  expect(status).toBe(2);
  expect(stderr).toBe('The Azure CLI (az) is not on the PATH: install 2.60.0 or later.\n');
  expect(steps).toEqual([]);
});

it('names parameters, outputs and resource providers that the Bicep has', async () => {
  const script = infraFile('deploy.sh');
  const main = await parseBicep(infraFile('main.bicep'));
  const named = (pattern: RegExp): string[] => [...script.matchAll(pattern)].map(([, name = '']) => name);
  const parameters = parametersOf(main).map(({ name }) => name);
  const asked = named(/asked = "(.*)"/g).flatMap((names) => names.split(' '));
  expect(asked).toHaveLength(6);
  expect(asked.filter((name) => !parameters.includes(name))).toEqual([]);
  const outputs = outputsOf(main).map(({ name }) => name);
  expect(named(/\$\(output (\w+)\)/g).filter((name) => !outputs.includes(name))).toEqual([]);
  expect([...infraFile('main.bicepparam').matchAll(/^param (\w+)/gm)].map(([, name]) => name)).toEqual(
    Object.keys(SAMPLE),
  );
  const types = bicepFiles().flatMap(({ text }) =>
    [...text.matchAll(/'Microsoft\.(\w+)\/\S+@/g)].map(([, name]) => name),
  );
  // Authorization needs no registration. The organization's own provider is registered where the organization is.
  const used = new Set(types.filter((name) => name !== 'Authorization' && name !== 'Confluent'));
  expect(used).toEqual(new Set([...PROVIDERS.split(' '), 'EventGrid', 'Network']));
});
