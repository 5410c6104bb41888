import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Rig } from '../e2e/harness.ts';
import { tellsTheStory } from './story.ts';
import { compileTypeScript } from './typescript.ts';

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

it('the client that is generated from the served document compiles, as a caller writes it', async () => {
  expect(await compileTypeScript(`${rig.url}/api/v1/openapi.json`)).toBe('');
});

it.concurrent.for(SAMPLES)(
  'a caller in %s vends, reads, rotates and revokes with one key each, although answers are lost',
  async ([language, program, file, needs], { skip, expect }) => {
    const missing = needs.filter((each) => !has(each));
    skip(missing.length > 0, `${missing.join(' and ')} not found`);
    await tellsTheStory(expect, rig, [program, sample(file), `order-${language}`]);
  },
);
