import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ServiceBusClient } from '@azure/service-bus';
import { expect, it } from 'vitest';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { startBroker } from '../../../src/sandbox/servicebus/index.ts';
import { PLAIN, receiveOne, useBroker } from './rig.ts';

const rig = useBroker({ name: 'q' });

it('closes while clients send, receive and wait', async () => {
  await rig.client.createSender('q').sendMessages({ body: 1, messageId: 'm' });
  const receiver = rig.client.createReceiver('q', PLAIN);
  await receiveOne(receiver);
  const waiting = receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
  const outcome = expect(waiting).rejects.toThrow();
  await rig.broker.close();
  await outcome;
});

it('survives clients that vanish, close in the middle of a receive, or talk nonsense', async () => {
  const waiting = rig.client.createReceiver('q', PLAIN).receiveMessages(1, { maxWaitTimeInMs: 20_000 });
  const outcome = Promise.allSettled([waiting]);
  await rig.client.close();
  await outcome;
  const { connect } = await import('node:net');
  const socket = connect(rig.broker.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  const client = new ServiceBusClient(rig.broker.connectionString);
  await client.createSender('q').sendMessages({ body: 1, messageId: 'm' });
  await client.close();
  expect(rig.broker.view('q')?.messages).toMatchObject([{ state: 'active' }]);
});

it('fails to start on a port that is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  await expect(startBroker({ queues: [], faults: new FaultPlan(), port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  taken.close();
});

it('leaves nothing behind that keeps the process alive', async () => {
  const source = new URL('../../../src/sandbox/', import.meta.url);
  const program = `
    import { ServiceBusClient } from '@azure/service-bus';
    import { startBroker } from '${new URL('servicebus/index.ts', source)}';
    import { FaultPlan } from '${new URL('kit/faults.ts', source)}';
    const broker = await startBroker({ queues: [{ name: 'q' }], faults: new FaultPlan() });
    const client = new ServiceBusClient(broker.connectionString);
    const sender = client.createSender('q');
    await sender.sendMessages([{ body: 1, messageId: 'a' }, { body: 2, scheduledEnqueueTimeUtc: new Date(Date.now() + 3600000) }]);
    const receiver = client.createReceiver('q', { maxAutoLockRenewalDurationInMs: 0 });
    await receiver.receiveMessages(1);
    await broker.close();
    await client.close();
    console.log('closed');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: import.meta.dirname });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const [code] = await once(child, 'exit');
  expect([code, output]).toEqual([0, 'closed\n']);
});
