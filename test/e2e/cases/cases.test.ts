import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../../src/sandbox/azure/world.ts';
import { EXAMPLE, type Json, problemUri, Rig, until, type Vended } from '../harness.ts';
import type { Case, HttpRequest, QueueMessage } from './case.ts';
import { HTTP_CASES } from './http.ts';
import { QUEUE_CASES } from './queue.ts';
import { REHEARSALS } from './rehearsals.ts';
import { THROTTLED_CASES, UPSTREAM_CASES } from './upstream.ts';

type Given = Pick<Vended, 'id' | 'keyId'>;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ QUEUE_RETRY_BASE_SECONDS: '1' });
  // The vault is proven. A fault hits the call that it is meant for.
  await rig.vend('warm-up');
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

describe.each([
  ['over HTTP', [...REHEARSALS, ...HTTP_CASES]],
  ['from upstream', UPSTREAM_CASES],
  ['by queue', QUEUE_CASES],
  // Last: an instance that was throttled asks no more for a while.
  ['to an ARM that throttles', THROTTLED_CASES],
])('what is sent %s', (_, cases) => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const given = await prepare(one, name);
    const before = { keys: rig.keys().length, logs: rig.sandbox.function.logs().length };
    for (const fault of one.faults ?? []) rig.fault(fault);
    const ids = new Set(given === undefined ? [] : [given.id]);
    for (const each of one.sends) {
      const id = 'http' in each ? await ask(each, given) : await send(each);
      if (id !== undefined) ids.add(id);
    }
    const living = [...ids].flatMap((id) => rig.livingKeys(id));
    expect({ minted: rig.keys().length - before.keys, living: living.length }).toEqual({
      minted: one.minted,
      living: one.living,
    });
    const { logs } = one;
    if (logs !== undefined) await until(() => loggedSince(before.logs).includes(logs) || undefined);
  });
});

/** Lines reach the sandbox a moment after the answer. */
const loggedSince = (count: number): string => JSON.stringify(rig.sandbox.function.logs().slice(count));

async function prepare({ given }: Case, name: string): Promise<Given | undefined> {
  if (given === undefined) return undefined;
  // A key in the header has no comma.
  const key = name.replaceAll(',', '');
  if (given === 'an unknown credential') return unknown(`given for ${key}`);
  const vended = await rig.vend(`given for ${key}`);
  if (given === 'a rotated credential') expect((await rig.rotate(vended.id, `rotated for ${key}`)).status).toBe(201);
  return vended;
}

/** ARM's answer is lost after the mint, long enough ago that an operator may decide. */
async function unknown(key: string): Promise<Given> {
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'after' } });
  const { status, body } = await rig.post(EXAMPLE, { key });
  expect(status).toBe(502);
  await rig.advance('PT10M');
  return { id: String(body.credentialId), keyId: rig.keys().at(-1)?.id ?? '' };
}

const filled = (text: string, given: Given | undefined): string =>
  text.replaceAll('{id}', given?.id ?? '').replaceAll('{key}', given?.keyId ?? '');

/** @returns the id of the credential that the answer is about */
async function ask(sent: HttpRequest, given: Given | undefined): Promise<string | undefined> {
  const { response, text } = await exchange(sent, given);
  const { status, says, words = /(?:)/, headers: expected = {} } = sent.answer;
  const answer = text === '' ? {} : (JSON.parse(text) as Json);
  const said = answer.status === status ? answer.type : answer.status;
  expect([response.statusCode, said, text]).toEqual([
    status,
    says === undefined ? undefined : said === answer.type ? problemUri(says) : says,
    expect.stringMatching(words),
  ]);
  for (const [name, value] of Object.entries(expected))
    expect([name, response.headers[name]]).toEqual([name, expect.stringMatching(value)]);
  return idIn(answer);
}

const idIn = ({ id, credentialId }: Json): string | undefined =>
  typeof id === 'string' ? id : typeof credentialId === 'string' ? credentialId : undefined;

async function exchange(
  sent: HttpRequest,
  given: Given | undefined,
): Promise<{ readonly response: IncomingMessage; readonly text: string }> {
  const [method, path] = filled(sent.http, given).split(' ');
  const body = Buffer.from(filled(textOf(sent.body ?? ''), given));
  const authorization = sent.from === 'nobody' ? [] : ['authorization', `Bearer ${await rig.token(sent.from)}`];
  const framing = sent.chunked ? ['transfer-encoding', 'chunked'] : ['content-length', String(body.byteLength)];
  const { host, hostname, port } = new URL(rig.url);
  const headers = ['host', host, ...authorization, ...(sent.headers ?? []).flat(), ...framing];
  // A list of lines: an object would merge those of one name. Its text is bytes. A body of text would be encoded with it.
  const lines = headers.map((line) => Buffer.from(line).toString('latin1'));
  const outgoing = request({ hostname, port, path, method, headers: lines, agent: false }).end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { response, text: Buffer.concat(chunks).toString() };
}

const textOf = (body: string | object): string => (typeof body === 'string' ? body : JSON.stringify(body));

async function send({ message, body, bodyBase64, waits, reply }: QueueMessage): Promise<string | undefined> {
  const { on = WORLD.queues.result, subject, correlationId, sessionId, words = /(?:)/ } = reply;
  const before = rig.replies(on).length;
  const content = bodyBase64 === undefined ? { body } : { bodyBase64, body: undefined };
  rig.sandbox.azure.broker.enqueue(WORLD.queues.request, { ...message, ...content });
  if (waits !== undefined) {
    await until(() => rig.replies(WORLD.queues.retry).find(({ state }) => state === 'scheduled'));
    await rig.advance(waits);
  }
  const answer = await until(() => rig.replies(on)[before], 5_000);
  expect(answer).toMatchObject({ subject, ...(sessionId !== undefined && { sessionId }) });
  expect(answer.correlationId).toBe(correlationId);
  expect(JSON.stringify(answer)).toMatch(words);
  return idIn(answer.body as Json);
}
