import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Json, Rig } from '../e2e/harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.close());

/** The commands of README.md that somebody pastes into a terminal, with the ports of this sandbox. */
const pasted = (): string => {
  const page = readFileSync(`${import.meta.dirname}/../../README.md`, 'utf8');
  const [, block = ''] = /<!-- run -->\n```sh\n(.*?)```/s.exec(page) ?? [];
  return block
    .replaceAll('localhost:7071', new URL(rig.url).host)
    .replaceAll('localhost:7072', new URL(rig.sandbox.controlUrl).host);
};

it("the README's commands vend one key, rotate it and revoke it", async () => {
  const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', pasted()]);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  expect(answers.map(({ status }) => status)).toEqual(['vended', 'vended', 'revoked']);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(rig.keys().map(({ deleted }) => deleted)).toEqual([true, true]);
});
