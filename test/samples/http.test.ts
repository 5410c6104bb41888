import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, type ExpectStatic, expect, it } from 'vitest';
import { Rig } from '../e2e/harness.ts';
import { startGateway } from './gateway.ts';
import { compileTypeScript } from './typescript.ts';

const run = promisify(execFile);
const sample = (path: string): string => join(import.meta.dirname, path);
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.close());

/** The samples that speak HTTP tell the same story in their language. */
const SAMPLES: readonly (readonly [language: string, program: string, file: string, needs: readonly string[]])[] = [
  ['TypeScript', process.execPath, 'typescript/main.ts', []],
  ['Python', 'python3', 'python/vending.py', ['python3']],
  ['curl', 'bash', 'curl/vending.sh', ['curl', 'jq']],
];

/** What each of them says, whatever the gateway does to it. */
async function tellsTheStory(
  expect: ExpectStatic,
  command: string,
  args: readonly string[],
  order: string,
): Promise<void> {
  const gateway = await startGateway(rig.url);
  try {
    const env = { ...process.env, VENDING_URL: gateway.url, VENDING_TOKEN: await rig.token() };
    const { stdout } = await run(command, [...args, order], { env });
    const [vended = '', read, rotated, revoked, problem] = stdout.trim().split('\n');
    const [, id, key, reference] = vended.split(' ');
    const keys = rig.keys().filter(({ description }) => description.includes(`vend:${id}.`));
    expect(keys).toMatchObject([{ deleted: true }, { deleted: true }]);
    const [first, second] = keys.map((each) => each.id);
    expect(key).toBe(first);
    expect(reference).toContain(`orders-${id}/)`);
    expect([read, revoked]).toEqual(['read vended', 'revoked']);
    expect(rotated).toMatch(new RegExp(`^rotated ${second}, and ${first} lives until \\d{4}-`));
    expect(problem).toBe(
      '410 urn:confluent-key-vending:problem:revoked: This credential was revoked; use a new idempotency key.',
    );
    expect(gateway.log).toEqual([
      'POST /api/v1/credentials 201, lost',
      'POST /api/v1/credentials busy',
      'POST /api/v1/credentials 200',
      'GET /api/v1/credentials/{id} 200',
      'POST /api/v1/credentials/{id}/rotate 201, lost',
      'POST /api/v1/credentials/{id}/rotate busy',
      'POST /api/v1/credentials/{id}/rotate 200',
      'DELETE /api/v1/credentials/{id} 200, lost',
      'DELETE /api/v1/credentials/{id} busy',
      'DELETE /api/v1/credentials/{id} 200',
      'POST /api/v1/credentials 410',
    ]);
  } finally {
    await gateway.close();
  }
}

it('the client that is generated from the served document compiles, as a caller writes it', async () => {
  expect(await compileTypeScript(`${rig.url}/api/v1/openapi.json`)).toBe('');
});

it.concurrent.for(SAMPLES)(
  'a caller in %s vends, reads, rotates and revokes with one key each, although answers are lost',
  async ([language, program, file, needs], { skip, expect }) => {
    const missing = needs.filter((each) => !has(each));
    skip(missing.length > 0, `${missing.join(' and ')} not found`);
    await tellsTheStory(expect, program, [sample(file)], `order-${language}`);
  },
);
