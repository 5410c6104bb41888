import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ExpectStatic } from 'vitest';
import type { Rig } from '../e2e/harness.ts';
import { startGateway } from './gateway.ts';

const run = promisify(execFile);

/**
 * Runs a sample that vends, reads, rotates, revokes and asks once more, behind a gateway that loses answers. It says what became of
 * each step, and it takes two keys: one for the vend, and one for the rotation.
 */
export async function tellsTheStory(
  expect: ExpectStatic,
  rig: Rig,
  [program, ...args]: readonly [program: string, ...args: string[]],
): Promise<void> {
  const gateway = await startGateway(rig.url);
  try {
    const env = { ...process.env, VENDING_URL: gateway.url, VENDING_TOKEN: await rig.token() };
    const { stdout } = await run(program, args, { env });
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
