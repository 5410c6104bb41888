import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { ServiceBusClient } from '@azure/service-bus';
import { expect, it, vi } from 'vitest';
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
  const complaint = vi.spyOn(console, 'error').mockReturnValue();
  const socket = connect(rig.broker.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end('nonsense, and more than eight bytes of it');
  await once(socket, 'close');
  expect(complaint).toHaveBeenCalledOnce();
  complaint.mockRestore();
  const client = new ServiceBusClient(rig.broker.connectionString);
  await client.createSender('q').sendMessages({ body: 1, messageId: 'm' });
  await client.close();
  expect(rig.broker.view('q')?.messages).toMatchObject([{ state: 'active' }]);
});

it.each([
  ['the administration API', '/vend-requests?api-version=2021-05', /administration API/],
  ['AMQP over WebSockets', '/$servicebus/websocket', /WebSockets/],
])('refuses %s in words', async (_what, path, words) => {
  const answer = await fetch(`http://127.0.0.1:${rig.broker.port}${path}`);
  expect(answer.status).toBe(501);
  expect(await answer.text()).toMatch(words);
});

it('fails to start on a port that is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  await expect(startBroker({ queues: [], faults: new FaultPlan(), port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  taken.close();
});

it('leaves nothing behind that keeps the process alive, though a client is still connected', async () => {
  const source = new URL('../../../src/sandbox/', import.meta.url);
  const program = `
    import { startBroker } from '${new URL('servicebus/index.ts', source)}';
    import { FaultPlan } from '${new URL('kit/faults.ts', source)}';
    const broker = await startBroker({ queues: [{ name: 'q' }], faults: new FaultPlan() });
    console.log(broker.connectionString);
    process.stdin.once('data', () => broker.close().then(() => process.stdin.destroy()));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
  const exited = once(child, 'exit');
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const [connectionString] = (await once(child.stdout, 'data')) as [Buffer];
  const client = new ServiceBusClient(connectionString.toString().trim());
  const scheduledEnqueueTimeUtc = new Date(Date.now() + 3_600_000);
  await client.createSender('q').sendMessages([
    { body: 1, messageId: 'a' },
    { body: 2, scheduledEnqueueTimeUtc },
  ]);
  await receiveOne(client.createReceiver('q', PLAIN));
  child.stdin.write('close');
  expect([await exited, complaints]).toEqual([[0, null], '']);
  await client.close();
});
