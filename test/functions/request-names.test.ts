import { expect, it } from 'vitest';
import { credentialIdOf, type IdempotencyKey } from '../../src/vending/model/idempotency.ts';
import { REQUEST as VEND, withRule } from '../vending/world/steps.ts';
import { Client, PORTAL } from './http/client.ts';
import { bodyOf, only, QUEUES, type Sent, Service } from './queue/service.ts';

/*
 * What names a request goes into the id of its credential. A service that one day reads the name otherwise, as by cutting quotes
 * off or folding its case, gives a second key to a caller who repeats a request of the day before.
 */
const NAMES = [
  '"quoted"',
  '"',
  'MiXeD',
  'a b',
  'a%20b',
  'a+b',
  '{a}',
  'a/',
  '0007',
  '1e3',
  'null',
  'W/"1"',
  '=',
  'a;q=1',
];

it.each(NAMES)('over HTTP, in a header and in the body: %s', async (key) => {
  const id = credentialIdOf(PORTAL.id, { kind: 'key', key });
  expect((await new Client().vend({ key })).body.id).toBe(id);
  expect((await new Client().vend({ key: null, body: { ...VEND, idempotencyKey: key } })).body.id).toBe(id);
});

it('over HTTP, in the body alone, it may have commas', async () => {
  const key = 'a, "b"';
  const { body } = await new Client().vend({ key: null, body: { ...VEND, idempotencyKey: key } });
  expect(body.id).toBe(credentialIdOf(PORTAL.id, { kind: 'key', key }));
});

const QUEUE = 'Team-A/Orders';

function service(): Service {
  const one = new Service();
  one.settings = withRule({ callers: { queues: [QUEUE], ids: ['events'] } });
  return one;
}

const idIn = (sent: readonly Sent[]): unknown => bodyOf(only(sent)).id;

it.each(NAMES)('by message, as its id and in the body: %s', async (name) => {
  const of = (key: IdempotencyKey): string => credentialIdOf(`queue:${QUEUE}`, key);
  expect(idIn(await service().request(VEND, { messageId: name }, QUEUE))).toBe(of({ kind: 'msg', messageId: name }));
  const body = { ...VEND, idempotencyKey: name };
  expect(idIn(await service().request(body, { messageId: 'm' }, QUEUE))).toBe(of({ kind: 'key', key: name }));
});

it.each(NAMES)('by message, when it is tried again: %s', async (name) => {
  const one = service();
  one.isVaultWritable = false;
  const later = only(await one.request(VEND, { messageId: name }, QUEUE));
  expect(later.queue).toBe(QUEUES.retryQueue);
  one.isVaultWritable = true;
  const id = credentialIdOf(`queue:${QUEUE}`, { kind: 'msg', messageId: name });
  expect(idIn(await one.retryInTime(later))).toBe(id);
});

it.each(NAMES)('by event, its id and its source: %s', async (name) => {
  const event = { specversion: '1.0', id: name, source: `/W/${name}`, type: 'x.apikey.requested.v1', data: VEND };
  const id = credentialIdOf('events', { kind: 'ce', source: `/W/${name}`, id: name });
  expect(idIn(await service().event(event))).toBe(id);
});
