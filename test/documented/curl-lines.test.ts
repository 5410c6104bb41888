import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE, type Json, OPERATOR, Rig } from '../e2e/harness.ts';
import { page, paste } from './pasted.ts';

const CLUSTER = EXAMPLE.clusterId;

/** Calls of the API: in blocks of shell, with what they go on in, and alone in a sentence. */
function callsOf(file: string): readonly string[] {
  const text = page(file);
  const blocks = [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)].flatMap(([, block = '']) =>
    block.replaceAll('\\\n', ' ').split('\n'),
  );
  const inText = [...text.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/`(api [^`]+)`/g)].map(([, call = '']) => call);
  return [...blocks.map((line) => line.trim()), ...inText].filter((line) =>
    /^(api |curl |leak |KEY=|leak\()/.test(line),
  );
}

/** What the pages call the same on every deployment. */
const TOOLS = String.raw`
curl() { command curl -sS -w '\n#%{http_code}\n' "$@"; }
uuidgen() { node -p 'crypto.randomUUID()'; }
api() { curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "$@"; }
`;

let rig: Rig;
let vends = 0;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.close());

const vend = (): ReturnType<Rig['vend']> => rig.vend(`documented-${++vends}`);

/** Fills in what a reader has to, from a credential in the state that the call is for. */
async function filledIn(call: string): Promise<string> {
  const fill = (id: string, key: string): string =>
    call.replace(/\/(ID|CREDENTIAL)\b/, `/${id}`).replace(/(?<=[/"])KEY\b/, key);
  const { id, keyId } = await vend();
  if (call.includes('/bulk/')) return fill(await startedBulk(keyId), keyId);
  if (call.includes('/end-overlap')) {
    await rig.rotate(id, 'next');
    return fill(id, keyId);
  }
  return call.includes('"apiKeyId"') ? unknownFilledIn(fill) : fill(id, keyId);
}

async function startedBulk(apiKeyId: string): Promise<string> {
  const token = await rig.token(OPERATOR);
  const body = { operation: 'rotate', filter: { apiKeyId }, expect: 1 };
  const started = await rig.postTo('/v1/operations/bulk', body, { key: `bulk-${apiKeyId}`, token });
  return String(started.body.id);
}

/** An attempt whose answer is lost, with the key that it made. */
async function unknownFilledIn(fill: (id: string, key: string) => string): Promise<string> {
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'after' } });
  const { body } = await rig.post(EXAMPLE, { key: `lost-${++vends}` });
  const id = String(body.credentialId);
  await rig.advance('PT10M');
  // A rotation of the bulk operation before may have made a later one.
  return fill(id, rig.livingKeys(id)[0] ?? '');
}

/** Runs calls as pasted. @returns the statuses of their answers, and what was printed */
async function run(calls: string): Promise<{ readonly statuses: readonly string[]; readonly printed: string }> {
  const settings = `URL=${rig.url} API=${rig.url}/api TOKEN=${await rig.token(calls.includes('/api/v1/credentials"') ? {} : OPERATOR)}`;
  const printed = await paste(
    rig,
    `${settings}\n${TOOLS}\n${calls.replaceAll('lkc-…', CLUSTER).replace('head.txt', '-').replace('> keys.csv', '')}`,
  );
  return { statuses: [...printed.matchAll(/^#(\d+)$/gm)].map(([, status = '']) => status), printed };
}

describe('the calls of the pages', () => {
  const runbook = callsOf('infra/RUNBOOK.md');
  const contract = callsOf('src/functions/README.md');

  it.each([...runbook, ...contract].filter((call) => /^(api|curl) /.test(call) && !call.includes('/bulk"')))(
    'succeeds: %s',
    async (call) => {
      const { statuses, printed } = await run(await filledIn(call));
      expect(statuses, printed).toEqual([expect.stringMatching(/^20[0-2]$/)]);
    },
  );

  it.each([
    ['infra/RUNBOOK.md', runbook.filter((line) => /leak|^KEY=/.test(line))],
    ['src/functions/README.md', contract.filter((line) => line.includes('/bulk"'))],
  ])('a leak is counted and revoked by the calls of %s', async (_, calls) => {
    await vend();
    const token = await rig.token(OPERATOR);
    const left = async (): Promise<number> =>
      ((await rig.get(`/v1/credentials?status=vended&cluster=${CLUSTER}`, token)).body.credentials as Json[]).length;
    const text = calls
      .join('\n')
      .replaceAll(/lkc-1126wj/g, CLUSTER)
      .replace(/(?<="expect": )16/, String(await left()));
    const { statuses, printed } = await run(text);
    expect(statuses, printed).toEqual(['200', '202']);
    await expect.poll(left, { timeout: 25_000 }).toBe(0);
  });
});
