import { afterAll, beforeAll, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { MessageView } from '../../src/sandbox/servicebus/index.ts';
import { CANARY, found } from './canary.ts';
import { EXAMPLE, Rig, until } from './harness.ts';

const PATIENCE_MS = 150_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ AZURE_LOG_LEVEL: 'verbose' }, { maxDeliveryCount: 1 });
});
afterAll(() => rig.close());

const deadLetters = (): readonly MessageView[] =>
  rig.sandbox.azure.broker.view(WORLD.queues.request)?.deadLetters ?? [];

it(
  'a vend that cannot be answered ends as a dead letter that shows no secret, nor does the error that led to it',
  async () => {
    rig.fault({ service: 'arm', operation: 'createApiKey', fault: { secret: CANARY } });
    rig.fault({ service: 'bus', operation: 'send', fault: { condition: 'amqp:link:message-size-exceeded' } });
    rig.send('dead', EXAMPLE);
    const dead = await until(() => deadLetters()[0], PATIENCE_MS);
    expect(dead).toMatchObject({ messageId: 'dead', deadLetterReason: 'MaxDeliveryCountExceeded' });
    expect(found(JSON.stringify(dead))).toEqual([]);
    const logs = rig.sandbox.function.logs().map((line) => JSON.stringify(line));
    expect(logs.some((line) => line.includes('is abandoned') && line.includes('Failed'))).toBe(true);
    expect(logs.filter((line) => found(line).length > 0)).toEqual([]);
    const { vault } = rig.sandbox.azure;
    const stored = vault.names(WORLD.vaults[0]).map((name) => JSON.stringify(rig.versions(name)));
    expect(stored.flatMap(found)).not.toEqual([]);
  },
  PATIENCE_MS,
);
