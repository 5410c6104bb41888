import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXAMPLE, Rig, type Vended } from './harness.ts';

const BODY = JSON.stringify(EXAMPLE);
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const VEND = ['POST /api/v1/credentials HTTP/1.1', 'Content-Type: application/json'];
const WITH_LENGTH = [...VEND, `Content-Length: ${BODY.length}`];

let rig: Rig;
let vended: Vended;
beforeAll(async () => {
  rig = await Rig.start({ FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000000' });
  vended = await rig.vend('first');
});
afterAll(() => rig.close());

/** Sends the lines as they are, and gives status and body. */
async function send(lines: readonly string[], body: string): Promise<[status: number, body: string]> {
  const { hostname, port } = new URL(rig.url);
  const all = [...lines, `Host: ${hostname}`, `Authorization: Bearer ${await rig.token()}`, 'Connection: close'];
  const socket = connect(Number(port), hostname);
  socket.write(`${all.join('\r\n')}\r\n\r\n${body}`);
  const answer = await text(socket);
  return [Number(answer.slice(9, 12)), answer.slice(answer.indexOf('\r\n\r\n') + 4)];
}

const atParameter = '"errors":[{"parameter":"validateOnly","detail":"must be true or false"}]';

it.each<[what: string, lines: (id: string) => readonly string[], body: string, status: number, answer: string]>([
  [
    'a dry run asked for twice',
    (id) => [`DELETE /api/v1/credentials/${id}?validateOnly=true&ValidateOnly=true HTTP/1.1`],
    '',
    400,
    atParameter,
  ],
  [
    'two idempotency keys',
    () => [...WITH_LENGTH, 'Idempotency-Key: first', 'Idempotency-Key: first'],
    BODY,
    400,
    'Idempotency-Key must be one header line',
  ],
  [
    'a body in chunks',
    () => [...VEND, 'Idempotency-Key: second', 'Transfer-Encoding: chunked'],
    CHUNKED,
    400,
    'The body arrived empty, because it was sent in chunks. Send it with a Content-Length',
  ],
  ['a header that the library cannot read', () => [...WITH_LENGTH, 'Idempotency-Key: Ω'], BODY, 500, ''],
  ['a body over the limit of the host', () => [...VEND, 'Content-Length: 1000001'], '', 500, ''],
])('%s changes nothing, and the answer says why if the function makes it', async (_, lines, body, status, answer) => {
  const [answered, said] = await send(lines(vended.id), body);
  expect(answered).toBe(status);
  if (answer === '') expect(said).toBe('');
  else expect(said).toContain(answer);
  expect(rig.sandbox.azure.arm.requests()).toHaveLength(1);
  expect((await rig.get(`/v1/credentials/${vended.id}`)).body).toMatchObject({ status: 'vended' });
});
