import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Json, Rig } from '../e2e/harness.ts';
import { commandsIn, page, paste } from './pasted.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.close());

it("the README's commands vend one key, rotate it and revoke it", async () => {
  const [, marked = ''] = page('README.md').split('<!-- run -->\n');
  const stdout = await paste(rig, commandsIn(marked.slice(0, marked.indexOf('```\n') + 4)));
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  expect(answers.map(({ status }) => status)).toEqual(['vended', 'vended', 'revoked']);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(rig.keys().map(({ deleted }) => deleted)).toEqual([true, true]);
});
