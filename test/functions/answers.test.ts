import { expect, it } from 'vitest';
import { HOUR, REQUEST, withRule } from '../vending/world/steps.ts';
import { Client, idOf, keyOf, OPERATOR, PORTAL, type Reply, STRANGER } from './http/client.ts';
import { only, type Sent, Service } from './queue/service.ts';

/*
 * Callers, alerts and auditors read every word of these. A field, a header or a line in the log that comes, goes or changes is
 * another line in the file.
 */

/** The world counts its ids by calls. Here they are numbered as they come, so that a call more does not change every line. */
function numbered(text: string): string {
  const names = new Map<string, number>();
  return text
    .replaceAll(/\b(w|v|KEY)\d+\b/g, (name, kind: string) => {
      names.set(name, names.get(name) ?? names.size + 1);
      return `${kind}#${names.get(name)}`;
    })
    .replaceAll(/Not before \d\d:\d\d:\d\d UTC/g, 'Not before HH:MM:SS UTC');
}

const VALID = { ...REQUEST, validFor: 'P60D' };

it('every kind of answer over HTTP, and what is logged with it, is to the letter what answers.txt has', async () => {
  const client = new Client();
  const texts: string[] = [];
  const tell = async (what: string, ask: Promise<Reply>): Promise<Reply> => {
    const reply = await ask;
    const headers = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`);
    const logs = client.logged.splice(0).map((record) => `log ${JSON.stringify(record)}`);
    texts.push([`=== ${what}`, reply.status, ...headers.sort(), JSON.stringify(reply.body), ...logs].join('\n'));
    return reply;
  };
  const vended = await tell('a key', client.vend({ body: VALID }));
  const id = idOf(vended);
  await tell('a key, repeated', client.vend({ body: VALID }));
  await tell('a key, tried out', client.vend({ key: 'other', body: { ...VALID, validateOnly: true } }));
  await tell('another request under the same key', client.vend({ body: { ...VALID, name: 'other' } }));
  await tell('no idempotency key', client.vend({ key: null }));
  await tell('wrong fields', client.vend({ key: 'k', body: { name: 7, environmentId: 'env-1', surprise: true } }));
  await tell('no JSON', client.vend({ key: 'k', text: '{' }));
  await tell('another media type', client.vend({ key: 'k', headers: { 'content-type': 'text/plain' } }));
  await tell('an unknown parameter', client.vend({ key: 'k', query: { format: 'x' } }));
  await tell('a credential', client.get(id));
  await tell('a credential of somebody else', client.as(STRANGER).get(id));
  await tell('a vend that no rule grants', client.vend({ key: 'k' }));
  await tell('an operation for operators', client.listOpen());
  client.authentication = { kind: 'rejected', detail: 'The token has expired.' };
  await tell('a token that is refused', client.get(id));
  client.authentication = { kind: 'unavailable', upstream: { service: 'identity', status: 503 } };
  await tell('a token that cannot be checked', client.get(id));
  client.as(PORTAL);
  client.world.pass(2 * HOUR);
  const terms = { body: { overlap: 'PT30H' } };
  const rotated = await tell('a rotation', client.rotate(id, terms));
  await tell('a rotation, repeated', client.rotate(id, terms));
  await tell('a rotation, repeated with other terms', client.rotate(id));
  await tell('a rotation while the old key lives', client.rotate(id, { key: 'rotation-2' }));
  await tell('a list', client.list());
  await tell('a list in CSV', client.list({}, { accept: 'text/csv' }));
  await tell('an overlap that is ended', client.endOverlap(id, { body: { apiKeyId: keyOf(vended) } }));
  client.as(OPERATOR);
  await tell('the owner of a key', client.findKey(keyOf(rotated)));
  await tell('the owner of no key', client.findKey('NOKEY'));
  await tell('what is open', client.listOpen());
  await tell('a decision that is not open', client.resolve(id, { body: { decision: 'none' } }));
  await tell(
    'a bulk operation, tried out',
    client.beginBulk({ body: { operation: 'rotate', filter: { cluster: 'lkc-1126wj' }, validateOnly: true } }),
  );
  client.settings = { ...client.settings, mode: 'paused' };
  await tell('a vend in a pause', client.as(PORTAL).vend({ key: 'paused' }));
  client.settings = { ...client.settings, mode: 'normal' };
  client.world.vault.isWritable = false;
  client.world.vault.provenAt.clear();
  await tell('a vault that takes no writes', client.vend({ key: 'no-vault' }));
  client.world.vault.isWritable = true;
  client.world.fault = (call) => (call === 'mint' ? 'lost' : undefined);
  await tell('a POST without an answer', client.vend({ key: 'unknown' }));
  client.world.fault = () => undefined;
  client.world.confluent.throttledMs = 17_000;
  await tell('a throttled vend', client.vend({ key: 'throttled' }));
  client.world.confluent.throttledMs = 0;
  await tell('a revocation', client.revoke(id));
  await tell('a revocation, repeated', client.revoke(id));
  await tell('a request for a revoked credential', client.vend({ body: VALID }));
  await expect(numbered(`${texts.join('\n\n')}\n`)).toMatchFileSnapshot('answers.txt');
});

it('every kind of reply by queue, and what is logged with it, is to the letter what replies.txt has', async () => {
  const service = new Service();
  const texts: string[] = [];
  const tell = async (what: string, sending: Promise<readonly Sent[]>): Promise<readonly Sent[]> => {
    const sent = await sending;
    const logs = service.logged.splice(0).map((line) => `log ${line}`);
    const messages = sent.map(({ queue, message: { body, ...properties }, notBefore }) =>
      [`to ${queue}`, JSON.stringify({ notBefore, ...properties }), body].join('\n'),
    );
    texts.push([`=== ${what}`, ...messages, ...logs].join('\n'));
    return sent;
  };
  const meta = { messageId: 'm-1', correlationId: 'c-1', replyTo: 'replies-a', replyToSessionId: 's-1' };
  await tell('a key', service.request(VALID, meta));
  await tell('a key, repeated', service.request(VALID, meta));
  await tell('a reply queue that is not allowed', service.request(VALID, { messageId: 'm-2', replyTo: 'elsewhere' }));
  await tell('no JSON', service.request('{', { messageId: 'm-3' }));
  await tell('wrong fields', service.request({ name: 7 }, { messageId: 'm-4' }));
  await tell('no id', service.request(VALID));
  await tell('a queue that no rule grants', service.request(VALID, { messageId: 'm-5' }, 'other'));
  const id =
    'id' in JSON.parse(only(await service.request(VALID, meta)).message.body)
      ? String(JSON.parse(only(await service.request(VALID, meta)).message.body).id)
      : '';
  service.logged.splice(0);
  service.world.pass(2 * HOUR);
  await tell('a rotation', service.request({ operation: 'rotate', id }, { messageId: 'm-6' }));
  service.isVaultWritable = false;
  await tell('a vault that takes no writes: tried again', service.request(VALID, { messageId: 'm-7' }));
  service.isVaultWritable = true;
  service.world.confluent.throttledMs = 17_000;
  await tell('a throttled vend: tried again', service.request(VALID, { messageId: 'm-8' }));
  service.world.confluent.throttledMs = 0;
  service.settings = withRule({ callers: { queues: ['orders'], ids: ['events'] } });
  const event = { specversion: '1.0', id: 'e-1', source: '/w', type: 'x.apikey.requested.v1', data: VALID };
  await tell('an event', service.event(event));
  await tell('an event of a type that means nothing here', service.event({ ...event, id: 'e-2', type: 'other' }));
  await tell('a revocation', service.request({ operation: 'revoke', id }, { messageId: 'm-9' }));
  await expect(numbered(`${texts.join('\n\n')}\n`)).toMatchFileSnapshot('replies.txt');
});
