import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATOR, Rig } from '../e2e/harness.ts';
import { buildDotnetSamples, missingForDotnet } from './dotnet.ts';
import { tellsTheStory } from './story.ts';

/** To restore packages and to compile. */
const BUILD_MS = 600_000;

// Too slow for every run of the tests: `npm run samples`.
describe.runIf(process.env.MODE === 'samples')('callers in C#', () => {
  let missing: string | undefined;
  let rig: Rig;
  let program = '';
  beforeAll(async () => {
    missing = await missingForDotnet();
    if (missing !== undefined) return;
    rig = await Rig.start();
    const document = await fetch(`${rig.url}/api/v1/openapi.json`);
    program = await buildDotnetSamples(await document.text());
  }, BUILD_MS);
  afterAll(() => rig?.close());

  it.for([
    ['Kiota', 'Kiota'],
    ['NSwag with System.Text.Json', 'SystemTextJson'],
    ['NSwag with Newtonsoft', 'NewtonsoftJson'],
  ])(
    'the client of %s compiles, vends, reads, rotates, revokes and shows a problem',
    async ([, client = ''], { skip }) => {
      skip(missing !== undefined, missing);
      await tellsTheStory(expect, rig, [program, client, `order-${client}`]);
    },
  );

  it('an operator lists by date, finds the owner of a key, and counts what a bulk revocation would take', async ({
    skip,
  }) => {
    skip(missing !== undefined, missing);
    const cluster = 'lkc-1126wj';
    const { id, keyId } = await rig.vend('operator', { clusterId: cluster });
    const env = { ...process.env, VENDING_URL: `${rig.url}/api`, VENDING_TOKEN: await rig.token(OPERATOR) };
    const { stdout } = await promisify(execFile)(program, ['Operator', cluster], { env });
    expect(stdout.trim().split('\n')).toEqual([`${id} ${keyId} current`, 'previewed: 1']);
  });

  it('a sender by queue gets the reference of the secret on its own queue', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const env = { ...process.env, SERVICE_BUS_CONNECTION: rig.sandbox.azure.broker.connectionString };
    const { stdout } = await promisify(execFile)(program, ['Queue', 'order-queue'], { env });
    const [status, id, reference] = stdout.trim().split(' ');
    expect([status, reference]).toEqual(['vended', expect.stringContaining(`orders-${id}/)`)]);
    expect(rig.livingKeys(id ?? '')).toHaveLength(1);
  });
});
