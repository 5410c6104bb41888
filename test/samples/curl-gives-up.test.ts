import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';

it('the sample in curl gives up on a wait of a day, as the other samples do', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(409, { 'content-type': 'application/problem+json', 'retry-after': '90000' });
    response.end('{"status": 409, "type": "urn:confluent-key-vending:problem:rotation-too-soon", "detail": "d"}');
  });
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const env = { ...process.env, VENDING_URL: `http://127.0.0.1:${port}`, VENDING_TOKEN: 't' };
  const script = join(import.meta.dirname, 'curl/vending.sh');
  const child = spawn('bash', [script, 'o'], { env, detached: true, stdio: 'ignore' });
  const ended = await Promise.race([once(child, 'exit').then(() => 'ended'), setTimeout(3_500, 'asleep')]);
  if (ended === 'asleep' && child.pid !== undefined) process.kill(-child.pid);
  server.close();
  server.closeAllConnections();
  expect(ended).toBe('ended');
});
