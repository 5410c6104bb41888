import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { Cli, PROJECT } from './cli.ts';

// Each of them starts a process that loads everything.
vi.setConfig({ testTimeout: 120_000 });

const SCRIPTS = ['src/sandbox', 'test/smoke', 'test/chaos', 'test/bench', 'test/model', 'test/package'];

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (script: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(PROJECT, script, 'main.ts'), ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

it.each(SCRIPTS)('%s answers a wrong option with a sentence and exit code 2', async (script) => {
  const { code, stdout, stderr } = await run(script, '--nonsense');
  expect(stderr).toMatch(/^[^\n]*--nonsense[^\n]*\n--help lists the options\.\n$/);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

it.each(SCRIPTS)('%s explains itself by --help, with exit code 0', async (script) => {
  const { code, stdout, stderr } = await run(script, '--help');
  expect(stdout).toMatch(/^Usage: npm (start|run \w+)/);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

it.each([
  ['test/chaos', ['--minutes', 'x'], '--minutes takes a positive number.'],
  [
    'test/smoke',
    ['--url', 'http://example.org', '--environment', 'e', '--cluster', 'c'],
    '--url must begin with https://',
  ],
  ['test/package', ['--policy', '/none'], '--policy must name a file that can be read, and /none cannot.'],
])('%s %o: exit code 2 and the rule', async (script, args, rule) => {
  const { code, stderr } = await run(script, ...args);
  expect(stderr.split('\n')[0]).toBe(rule);
  expect(code).toBe(2);
});

it('npm start ends without a word when the reader of its output goes away', async () => {
  const cli = await Cli.run(['--port', '0', '--control-port', '0']);
  cli.child.stdout?.destroy();
  expect(await cli.ended()).toBe(0);
  expect(cli.stderr).toBe('');
});

it('npm start prints a line for each request, after the address of the console', async () => {
  const cli = await Cli.run(['--port', '0', '--control-port', '0']);
  const control = await vi.waitUntil(() => /Open (\S+) in a browser/.exec(cli.stdout)?.[1], { timeout: 60_000 });
  const welcome = cli.stdout.length;
  expect((await fetch(`${control}/console/main.ts`)).status).toBe(200);
  const body = JSON.stringify({ body: { name: 'not enough' }, messageId: 'a-message' });
  await fetch(`${control}/queues/vend-requests`, { method: 'POST', body });
  await fetch(`${control}/console/requests`, {
    method: 'POST',
    body: JSON.stringify({ method: 'POST', path: '/api/v1/credentials', as: 'portal', idempotencyKey: 'k', body: {} }),
  });
  const lines = await vi.waitUntil(
    () => {
      const all = cli.stdout.slice(welcome).split('\n');
      return all.some((line) => line.includes('queue')) && all.some((line) => line.includes('POST')) ? all : undefined;
    },
    { timeout: 30_000 },
  );
  cli.child.kill('SIGTERM');
  expect(await cli.ended()).toBe(0);
  expect(cli.stderr).toBe('');
  expect(lines.find((line) => line.includes('POST'))).toMatch(
    /^\d\d:\d\d:\d\d {2}POST {3}\/api\/v1\/credentials +400 +\d+ ms {2}invalid-request$/,
  );
  expect(lines.find((line) => line.includes('queue'))).toMatch(
    /^\d\d:\d\d:\d\d {2}queue {2}vend-requests a-message +invalid-request +\d+ ms$/,
  );
});
