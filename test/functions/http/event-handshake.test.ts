import { HttpRequest, InvocationContext } from '@azure/functions';
import { expect, it } from 'vitest';
import { agreeToEvents } from '../../../src/functions/http/events.ts';

const handler = agreeToEvents(['eventgrid.azure.net', 'Events.Example.com']);
const ask = (headers: Record<string, string>) =>
  handler(
    new HttpRequest({ method: 'OPTIONS', url: 'http://localhost/api/v1/events', headers }),
    new InvocationContext(),
  );

it.each(['eventgrid.azure.net', 'EventGrid.Azure.NET', 'events.example.com'])(
  'agrees to the events of %s',
  async (origin) => {
    const reply = await ask({ 'webhook-request-origin': origin, 'webhook-request-rate': '120' });
    expect(reply).toMatchObject({
      status: 200,
      headers: {
        'WebHook-Allowed-Origin': origin,
        'WebHook-Allowed-Rate': '*',
        Allow: 'POST, OPTIONS',
        'Cache-Control': 'no-store',
      },
    });
  },
);

it.each([
  'eventgrid.azure.net.evil.example',
  'evil.example',
  '*',
  'eventgrid',
  'eventgrid.azure.net, evil.example',
  ' ',
])('does not agree to those of %s, nor repeats the name', async (origin) => {
  const reply = await ask({
    'webhook-request-origin': origin,
    'webhook-request-callback': 'https://evil.example/confirm?id=12345',
  });
  expect(reply).toMatchObject({ status: 403 });
  const { headers } = reply as { headers: Record<string, string> };
  expect(Object.keys(headers).filter((name) => /webhook/i.test(name))).toEqual([]);
  expect(JSON.stringify(reply)).not.toContain('evil.example');
});

it('does not agree to those of nobody, nor to anybody’s where no origin is configured', async () => {
  expect(await ask({})).toMatchObject({ status: 403 });
  const request = new HttpRequest({
    method: 'OPTIONS',
    url: 'http://localhost/api/v1/events',
    headers: { 'webhook-request-origin': 'eventgrid.azure.net' },
  });
  expect(await agreeToEvents([])(request, new InvocationContext())).toMatchObject({ status: 403 });
});
