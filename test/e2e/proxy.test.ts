import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXAMPLE, Rig } from './harness.ts';

const asked: string[] = [];
let proxy: Server;
let rig: Rig;
beforeAll(async () => {
  proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', ({ url }, socket) => {
    asked.push(`CONNECT ${url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  rig = await Rig.start({ HTTPS_PROXY: url, http_proxy: url });
});
afterAll(async () => {
  await rig.close();
  proxy.close();
});

it('nothing goes through a proxy that the environment names, and one line at the start says so', async () => {
  const { status } = await rig.post(EXAMPLE, { key: 'direct' });
  rig.send('direct', EXAMPLE);
  expect([status, (await rig.replyTo('direct')).subject]).toEqual([201, 'vended']);
  expect(asked).toEqual([]);
  const lines = rig.sandbox.function.logs().map((line) => JSON.stringify(line));
  expect(lines.filter((line) => line.includes('HTTPS_PROXY, http_proxy is ignored'))).toHaveLength(1);
});
