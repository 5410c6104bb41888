import { describe, expect, it } from 'vitest';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { startBroker } from '../../../src/sandbox/servicebus/index.ts';
import { received, until, useQueues } from './queue-rig.ts';

const rig = useQueues();

describe('settlement', () => {
  it('abandons at once when the handler throws, until the broker dead-letters', async () => {
    const fixture = await rig.start('plain');
    const before = rig.broker.view('plain')?.deadLetters.length ?? 0;
    rig.broker.enqueue('plain', { body: { fail: true }, messageId: 'poison' });
    await until(() => (rig.broker.view('plain')?.deadLetters.length ?? 0) > before);
    expect(received(fixture).map(({ metadata }) => metadata.deliveryCount)).toEqual([1, 2, 3]);
    expect(rig.broker.view('plain')?.deadLetters.at(-1)).toMatchObject({
      messageId: 'poison',
      deadLetterReason: 'MaxDeliveryCountExceeded',
    });
    await fixture.logged('the handler refuses this message');
  });

  it.each([
    ['before', [false, true]],
    ['after', [true, false]],
    ['between two', [false, true, false]],
  ])('abandons a message whose neighbours are completed in the same tick, %s it', async (_where, fails) => {
    const fixture = await rig.start('plain');
    const before = rig.broker.view('plain')?.deadLetters.length ?? 0;
    for (const [i, fail] of fails.entries())
      rig.broker.enqueue('plain', { body: { meet: fails.length, fail }, messageId: `${fail ? 'bad' : 'good'}-${i}` });
    await until(() => (rig.broker.view('plain')?.deadLetters.length ?? 0) > before);
    await rig.drained('plain');
    expect(rig.broker.view('plain')?.deadLetters.slice(before)).toMatchObject([
      { messageId: expect.stringMatching(/^bad/) },
    ]);
    expect(received(fixture)).toHaveLength(fails.length + 2);
  });

  it('completes when the handler throws undefined', async () => {
    const fixture = await rig.start('plain');
    rig.broker.enqueue('plain', { body: { throwUndefined: true } });
    await until(() => received(fixture)[0]);
    await rig.drained('plain');
  });

  it('leaves the message locked when autoCompleteMessages is off', async () => {
    const fixture = await rig.start('manual', {
      AzureFunctionsJobHost__extensions__serviceBus__autoCompleteMessages: 'false',
    });
    rig.broker.enqueue('manual', { body: 'kept' });
    await fixture.logged("Executed 'Functions.queue' (Succeeded");
    expect(rig.broker.view('manual')?.messages).toMatchObject([{ body: 'kept', state: 'locked' }]);
  });

  it('keeps the lock of a message that takes longer than it, even without an id', async () => {
    const fixture = await rig.start('slow');
    rig.broker.enqueue('slow', { body: { waitMs: 4000 } });
    await fixture.logged('DONE ');
    await rig.drained('slow');
    expect(received(fixture)).toHaveLength(1);
    expect(rig.broker.view('slow')?.deadLetters).toEqual([]);
  });

  it('gives a message back when its lock is not renewed', async () => {
    const fixture = await rig.start('slow', {
      AzureFunctionsJobHost__extensions__serviceBus__maxAutoLockRenewalDuration: '00:00:00',
    });
    rig.broker.enqueue('slow', { body: { waitMs: 2500 }, messageId: 'late' });
    await until(() => received(fixture).length >= 2);
    expect(received(fixture)[1]?.metadata.deliveryCount).toBe(2);
    await fixture.logged('Message processing error (Action=');
  });
});

describe('the pump', () => {
  it('runs no more messages at once than maxConcurrentCalls', async () => {
    const fixture = await rig.start('plain', {
      AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: '2',
    });
    for (let i = 0; i < 6; i++) rig.broker.enqueue('plain', { body: { waitMs: 100, i } });
    await rig.drained('plain');
    let open = 0;
    const depths = fixture.lines.map((line) => {
      if (line.startsWith('RECEIVED ')) open++;
      if (line.startsWith('DONE ')) open--;
      return open;
    });
    expect(Math.max(...depths)).toBe(2);
    expect(received(fixture)).toHaveLength(6);
  });

  it('lets a running message end, and settles it, before it stops', async () => {
    const fixture = await rig.start('plain');
    rig.broker.enqueue('plain', { body: { waitMs: 800 }, messageId: 'last' });
    await until(() => received(fixture)[0]);
    expect(await fixture.host.stop()).toBe(0);
    expect(fixture.lines.some((line) => line.startsWith('DONE '))).toBe(true);
    expect(rig.broker.view('plain')?.messages).toEqual([]);
  });

  it('logs that a queue is not there, and serves the rest', async () => {
    const fixture = await rig.start('absent');
    await fixture.logged('Message processing error (Action=receive, EntityPath=absent)');
    expect((await fetch(`${fixture.host.url}/api/empty`, { method: 'DELETE' })).status).toBe(204);
  });

  it('goes on after the connection was lost', async () => {
    const lost = await startBroker({ queues: [{ name: 'plain' }], faults: new FaultPlan() });
    const fixture = await rig.start('plain', { Bus: lost.connectionString });
    lost.enqueue('plain', { body: 'first' });
    await until(() => received(fixture)[0]);
    await lost.close();
    const back = await startBroker({ queues: [{ name: 'plain' }], faults: new FaultPlan(), port: lost.port });
    back.enqueue('plain', { body: 'second' });
    await until(() => received(fixture)[1]);
    await until(() => back.view('plain')?.messages.length === 0);
    await fixture.host.stop();
    await back.close();
  });
});
