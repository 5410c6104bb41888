import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { eventTopicUrl, WORLD } from '../../src/sandbox/azure/world.ts';
import { Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    RECONCILE_SCHEDULE: '* * * * * *',
    EVENT_TOPIC_ENDPOINT: eventTopicUrl(WORLD.eventTopics.out),
  });
});
afterAll(() => rig.close());
afterEach(() => rig.heal());

const waiting = async (id: string): Promise<readonly string[]> =>
  (await rig.rowKeys()).filter((key) => /^(?:event|audit)_/.test(key) && key.includes(id));
const isEmpty = (id: string): Promise<true> => until(async () => ((await waiting(id)).length === 0 ? true : undefined));

it('rows of events and of audit records leave the ledger once they are published', async () => {
  const { id } = await rig.vend('published');
  await until(() => (rig.eventsOf(id).length > 0 ? true : undefined));
  await isEmpty(id);
  expect(rig.auditOf(id).map(({ change }) => change)).toEqual(['claimVend', 'recordMinted', 'recordVended']);
});

it('an event is not lost when the topic takes none: the vend is answered, and the reconciler publishes it', async () => {
  rig.fault({ service: 'eventgrid', operation: 'publish', fault: { status: 503 } });
  const { id } = await rig.vend('published-later');
  expect(rig.eventsOf(id)).toEqual([]);
  rig.heal();
  await rig.advance('PT5M');
  await until(() => (rig.eventsOf(id).length > 0 ? true : undefined));
  expect(rig.eventsOf(id)).toEqual(['vended.v1']);
  await isEmpty(id);
});

it('an audit record of a function that was killed is in the log after it starts again, marked as repeated', async () => {
  const { id } = await rig.vend('killed');
  await rig.sandbox.function.kill();
  expect(await waiting(id)).not.toEqual([]);
  await rig.sandbox.function.start(0);
  await rig.advance('PT1M');
  await isEmpty(id);
  const repeated = rig.sandbox.function
    .logs()
    .filter((line) => /"repeated\\?":true/.test(JSON.stringify(line)) && JSON.stringify(line).includes(id));
  expect(repeated.length).toBeGreaterThan(0);
});
