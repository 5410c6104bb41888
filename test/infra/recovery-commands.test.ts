import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startCompiler } from './bicep/compile.ts';
import { findCompiler } from './bicep/compiler.ts';
import { infraFile } from './bicep/syntax.ts';
import { copyOfInfra } from './snapshot/predict.ts';
import { createStandIns, type StandIns } from './stand-ins.ts';

const runbook = infraFile('RUNBOOK.md');
const [, recovery = ''] = /^## The ledger was lost or restored\n(.*?)^## /ms.exec(runbook) ?? [];
const [, tools = ''] = /^## Tools\n.*?^```sh\n(.*?)^```/ms.exec(runbook) ?? [];
const [, parameters = ''] = /^ *```bicep\n(.*?)^ *```/ms.exec(recovery) ?? [];

const namesIn = (text: string, pattern: RegExp): ReadonlySet<string> =>
  new Set([...text.matchAll(pattern)].map(([, name = '']) => name));

describe('while a ledger is recovered', () => {
  const written = namesIn(parameters, /AzureWebJobs__(\w+)__Disabled: 'true'/g);

  it('a deployment keeps what the commands set, and the last step takes it back', () => {
    expect(parameters).toContain("param mode = 'paused'");
    expect(namesIn(recovery, /AzureWebJobs__(\w+)__Disabled=true/g)).toEqual(written);
    expect(namesIn(recovery, /AzureWebJobs__(\w+)__Disabled=false/g)).toEqual(written);
  });

  it('every function is disabled that reviews a credential unasked', () => {
    const index = readFileSync(`${import.meta.dirname}/../../src/index.ts`, 'utf8');
    expect(written).toEqual(namesIn(index, /(?:\bqueue|app\.timer)\('(\w+)'/g));
  });

  const path = findCompiler();
  it.skipIf(path === undefined)(
    'the lines for my.bicepparam become app settings',
    async () => {
      const compiler = startCompiler(path ?? '');
      const folder = copyOfInfra();
      try {
        const file = join(folder, 'my.bicepparam');
        const text = `${infraFile('main.bicepparam')}${parameters.replaceAll(/^ +/gm, '')}`;
        writeFileSync(file, text);
        const { predictedResources } = snapshot.parse(JSON.parse(await compiler.snapshot(file)));
        const site = predictedResources.find(({ type }) => type === 'Microsoft.Web/sites');
        const { siteConfig } = siteSchema.parse(site?.properties);
        const set = new Map(siteConfig.appSettings.map(({ name, value }) => [name, value]));
        expect(set.get('MODE')).toBe('paused');
        for (const name of written) expect(set.get(`AzureWebJobs__${name}__Disabled`), name).toBe('true');
      } finally {
        compiler.close();
        rmSync(folder, { recursive: true });
      }
    },
    120_000,
  );
});

const snapshot = z.object({
  predictedResources: z.array(z.looseObject({ type: z.string(), properties: z.unknown().optional() })),
});
const siteSchema = z.looseObject({
  siteConfig: z.looseObject({ appSettings: z.array(z.object({ name: z.string(), value: z.string() })) }),
});

/** Each call answers the next line of $ANSWERS, the last one for ever. */
const CURL = 'sed -n "$(grep -c ^curl "$CALLS")p" "$ANSWERS" | grep . || tail -n 1 "$ANSWERS"';

const hasJq = spawnSync('jq', ['--version']).status === 0;

describe.skipIf(!hasJq)(`the commands of a recovery${hasJq ? '' : ': jq is not on this machine'}`, () => {
  let standIns: StandIns;
  beforeAll(() => {
    standIns = createStandIns({ az: 'echo "value-$(grep -c ^az "$CALLS")"', curl: CURL, sleep: '' });
  });
  beforeEach(() => standIns.forget());
  afterAll(() => standIns.close());

  function run(commands: string, answers: readonly object[]) {
    const file = join(standIns.folder, 'answers');
    writeFileSync(file, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
    const [, functions = ''] = /^( *recover\(\).*?done; })$/ms.exec(recovery) ?? [];
    const env = { ...process.env, ...standIns.env, PATH: `${standIns.folder}:${process.env.PATH}`, ANSWERS: file };
    const done = spawnSync('/bin/bash', ['-c', `${tools}\n${functions}\n${commands}`], {
      encoding: 'utf8',
      env,
      timeout: 100_000,
    });
    const asked = standIns.calls().filter(([name]) => name === 'curl');
    return { ...done, asked, waits: standIns.calls().filter(([name]) => name === 'sleep').length };
  }

  const NOT_SETTLED = { type: 'urn:problem:not-settled', status: 503 };
  const FIRST = { secrets: [], next: 'a' };
  const LAST = { secrets: [{ outcome: 'known' }] };

  it('ask until the function has settled, and for every page', () => {
    const { status, stdout, asked, waits } = run('pages true', [NOT_SETTLED, NOT_SETTLED, FIRST, NOT_SETTLED, LAST]);
    expect([status, waits]).toEqual([0, 3]);
    expect(stdout).toBe(`${JSON.stringify(FIRST)}\n${JSON.stringify(LAST)}\n`);
    expect(asked.map((call) => call.join(' ').includes('"cursor": "a"'))).toEqual([false, false, false, true, true]);
  });

  it('have a new token for every call, because one lives for an hour or so', () => {
    const { asked } = run('pages true', [NOT_SETTLED, LAST]);
    const tokens = asked.flatMap((call) => call.filter((word) => word.startsWith('Authorization: ')));
    expect(tokens).toHaveLength(2);
    expect(new Set(tokens).size).toBe(2);
  });

  it.each([
    ['refused for good', { type: 'urn:problem:unauthenticated', status: 401 }, 1],
    ['never answered otherwise', NOT_SETTLED, 60],
  ])(
    'end where they are %s',
    (_, answer, times) => {
      const { status, stdout, stderr, asked } = run('pages true', [answer]);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain(JSON.stringify(answer));
      expect(asked).toHaveLength(times);
    },
    120_000,
  );
});
