import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAzure } from '../../src/sandbox/azure/azure.ts';
import { FunctionProcess } from '../../src/sandbox/function-process.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { Cli, childrenOf, PROJECT } from './cli.ts';
import { until } from './harness.ts';

const ANY = ['--port', '0', '--control-port', '0'];

describe.concurrent('npm start', () => {
  it.for(['SIGINT', 'SIGTERM'] as const)(
    '--no-demo prints one line when ready, and %s stops it all',
    async (signal, { expect }) => {
      const cli = await Cli.run([...ANY, '--no-demo']);
      const ready = await cli.ready();
      const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(ready).toEqual({ ready: true, function: url, control: url });
      expect((await fetch(`${ready.function}/api/health/live`)).status).toBe(200);
      const { function: described } = (await (await fetch(ready.control)).json()) as { function: string };
      expect(described).toBe(ready.function);
      if (signal === 'SIGINT') cli.interrupt();
      else cli.child.kill(signal);
      expect(await cli.ended()).toBe(0);
      expect(cli.stdout).toBe(`${JSON.stringify(ready)}\n`);
      expect(cli.stderr).toBe('');
    },
  );

  it.runIf(existsSync(childrenOf(process.pid)))(
    'ends with a word when the function ends by itself',
    async ({ expect }) => {
      const cli = await Cli.run([...ANY, '--no-demo']);
      await cli.ready();
      cli.killFunction();
      expect(await cli.ended()).toBe(1);
      expect(cli.stderr).toMatch(/^The function ended by itself/);
    },
  );

  it('can be stopped while it starts', async ({ expect }) => {
    const cli = await Cli.run(ANY);
    await until(() => (cli.stdout.includes('Starting') ? true : undefined));
    cli.interrupt();
    expect(await cli.ended()).toBe(0);
    expect(cli.stderr).toBe('');
  });

  it('can be stopped while the delay of a fault is under way', async ({ expect }) => {
    const cli = await Cli.run([...ANY, '--no-demo', '--no-function']);
    const { control } = await cli.ready();
    const rule = { service: 'identity', times: 1, fault: { delayMs: 600_000 } };
    await fetch(`${control}/faults`, { method: 'POST', body: JSON.stringify(rule) });
    const { Values } = (await (await fetch(`${control}/settings`)).json()) as { Values: { IDENTITY_ENDPOINT: string } };
    const two = [1, 2].map(() =>
      fetch(Values.IDENTITY_ENDPOINT).then(
        ({ status }) => status,
        () => 'cut',
      ),
    );
    expect(await Promise.race(two)).toBe(400);
    cli.child.kill('SIGTERM');
    expect(await cli.ended()).toBe(0);
    expect((await Promise.all(two)).toSorted()).toEqual([400, 'cut']);
  });

  it('--no-function starts Azure alone', async ({ expect }) => {
    const cli = await Cli.run([...ANY, '--no-function']);
    const ready = await cli.ready();
    expect(ready).toEqual({ ready: true, function: null, control: expect.any(String) });
    expect(await (await fetch(ready.control)).json()).toMatchObject({
      function: null,
      arm: { url: expect.any(String) },
    });
    cli.interrupt();
    expect(await cli.ended()).toBe(0);
  });

  it('--once shows the life of a credential and no secret, even from a path with spaces', async ({ expect }) => {
    const project = await mkdtemp(join(tmpdir(), 'a clone & more '));
    for (const part of ['src', 'dist', 'infra', 'host.json', 'package.json']) {
      await cp(join(PROJECT, part), join(project, part), { recursive: true });
    }
    await symlink(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
    const cli = await Cli.run([...ANY, '--once'], project);
    expect(await cli.ended()).toBe(0);
    await rm(project, { recursive: true });
    expect(cli.stderr).toBe('');
    expect(cli.stdout.match(/"status": "vended"/g)).toHaveLength(2);
    expect(cli.stdout.match(/ARM minted/g)).toHaveLength(2);
    expect(cli.stdout).toContain('Reply 201');
    expect(cli.stdout).toContain('Reply on vend-results: vended');
    expect(cli.stdout).toMatch(/"previous": \{"apiKeyId":"[A-Z0-9]+"/);
    expect(cli.stdout).toMatch(/Reply 200\s+"id": "[a-z2-7]{26}"\s+"status": "revoked"/);
    expect(cli.stdout).not.toContain('cflt');
  });
});

describe.concurrent('what cannot start', () => {
  const other = createServer();
  let port: string;
  beforeAll(async () => {
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    port = String((other.address() as AddressInfo).port);
  });
  afterAll(() => {
    other.close();
  });

  it.for<[string, (port: string) => string[], RegExp]>([
    ['a busy port', (busy) => ['--port', busy, '--control-port', '0'], /^Port (\d+) is unavailable.* --port .*\n$/],
    [
      'a busy control port',
      (busy) => ['--port', '0', '--control-port', busy],
      /^Port (\d+) is in use.* --control-port .*\n$/,
    ],
  ])('%s is named, with the option that moves it', async ([, args, message], { expect }) => {
    const cli = await Cli.run(['--no-demo', ...args(port)]);
    expect(await cli.ended()).toBe(1);
    expect(cli.stderr).toMatch(message);
    expect(message.exec(cli.stderr)?.[1]).toBe(port);
    expect(cli.stdout).toBe('');
  });

  it.for<[string[], RegExp]>([
    [['--prot', '7071'], /^Unknown option '--prot'.*\n--help lists the options\.\n$/],
    [['--port', '65536'], /^--port must be a port, 0 to 65535\n--help/],
    [['--port', '7071', '--control-port', '7071'], /^--port and --control-port must differ\n--help/],
    [['--once', '--no-demo'], /^--once goes with neither --no-demo nor --no-function\n--help/],
  ])('%o is answered in a sentence, with exit code 2', async ([args, message], { expect }) => {
    const cli = await Cli.run(args);
    expect(await cli.ended()).toBe(2);
    expect(cli.stderr).toMatch(message);
    expect(cli.stdout).toBe('');
  });
});

it('no function has a name that an app setting cannot disable on Linux', async () => {
  const azure = await startAzure();
  const settings = { ...azure.appSettings, REQUEST_QUEUES: 'vend-requests,team/b.requests' };
  const started = new FunctionProcess(settings, azure.clock);
  const { functions } = await started.start(0);
  await started.stop();
  await azure.close();
  const names = functions.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['vendKey', 'requestsVendRequests', 'requestsTeamBRequests', 'events']));
  expect(names.filter((name) => !/^[a-zA-Z][a-zA-Z0-9]*$/.test(name))).toEqual([]);
});

describe('a function that lacks its configuration', () => {
  it('refuses to start, in one line that names each variable', async () => {
    const settings = { ENTRA_TENANT_ID: '', KEY_VAULT_URL: 'http://vault', POLICY_FILE: '', ServiceBusConnection: '' };
    const start = startSandbox({ port: 0, controlPort: 0, withFunction: true, settings });
    const { message } = await start.then(
      () => expect.unreachable(),
      (error: Error) => error,
    );
    // The real worker reports it so because the health routes were registered before.
    expect(message.split(/ \| |(?<=The function cannot start:) /)).toEqual([
      'Worker was unable to load entry point "dist/index.mjs": The function cannot start:',
      expect.stringMatching(/^ENTRA_TENANT_ID: is required/),
      expect.stringMatching(/^KEY_VAULT_URL: must look like/),
      expect.stringMatching(/^ServiceBusConnection: set exactly one/),
      expect.stringMatching(/^POLICY: set exactly one/),
    ]);
  });
});
