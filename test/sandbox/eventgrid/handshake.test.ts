import { request as httpsRequest } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, agreeing } from './endpoint.ts';
import { asked, EVENT_GRID_OID, secretEvent, useEventGrid, viewOf } from './rig.ts';

const rig = useEventGrid();
afterEach(() => {
  rig.endpoint.answer = () => ({ status: 200 });
});

const subscribe = (schema: 'cloudevents' | 'eventgrid', more = {}) =>
  rig.grid.subscribe(asked({ schema, destination: { url: rig.endpoint.url, ...more } }));

const claimsOf = (token: string | undefined): unknown =>
  JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());

/** GETs a validation URL as a person would, on loopback. */
function visit(url: string): Promise<number> {
  const { pathname, search, hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    const [host, port, headers] = ['127.0.0.1', rig.grid.port, { host: hostname }];
    httpsRequest({ host, port, ca: rig.ca, path: pathname + search, headers, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });
}

describe("the handshake in Event Grid's schema", () => {
  it('sends one validation event and takes its code back', async () => {
    rig.endpoint.answer = agreeing();
    expect(await subscribe('eventgrid')).toMatchObject({ kind: 'subscribed', view: { state: 'Succeeded' } });
    const [sent] = rig.endpoint.received;
    expect(sent).toMatchObject({ method: 'POST', headers: { 'aeg-event-type': 'SubscriptionValidation' } });
    expect(sent?.headers.authorization).toBeUndefined();
    expect(JSON.parse(sent?.text ?? '')).toEqual([
      {
        id: expect.any(String),
        topic: expect.stringMatching(/^\/subscriptions\/.*\/systemTopics\/keyvault$/),
        subject: '',
        data: {
          validationCode: expect.stringMatching(/^[0-9A-F-]{36}$/),
          validationUrl: expect.stringMatching(
            /^https:\/\/rp-westeurope\.eventgrid\.azure\.net:553\/eventsubscriptions\/sub\//,
          ),
        },
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        eventTime: expect.stringMatching(/\.\d{7}Z$/),
        metadataVersion: '1',
        dataVersion: '2',
      },
    ]);
  });

  it("carries Event Grid's own token where the webhook is an application's", async () => {
    rig.endpoint.answer = agreeing();
    await subscribe('eventgrid', { audience: 'api://ours', roles: ['May.Deliver'] });
    const authorization = rig.endpoint.received[0]?.headers.authorization;
    expect(await rig.issuer.verifier.verify(authorization, ['api://ours'])).toMatchObject({ kind: 'valid' });
    expect(claimsOf(authorization)).toMatchObject({
      oid: EVENT_GRID_OID,
      azp: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
      roles: ['May.Deliver'],
    });
  });

  it.each<[string, Answer]>([
    ['another code', { status: 200, body: { validationResponse: 'other' } }],
    ['an error', { status: 500 }],
    ['a refusal', { status: 401 }],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }],
  ])('fails with %s', async (_, answer) => {
    rig.endpoint.answer = () => answer;
    expect(await subscribe('eventgrid')).toMatchObject({ kind: 'refused', why: expect.stringMatching(/validate/) });
    expect(rig.grid.subscriptions()).toEqual([]);
  });
});

describe('the handshake of CloudEvents', () => {
  it('asks for permission by OPTIONS', async () => {
    rig.endpoint.answer = agreeing();
    expect(await subscribe('cloudevents', { audience: 'api://ours' })).toMatchObject({ kind: 'subscribed' });
    expect(rig.endpoint.received).toEqual([
      expect.objectContaining({
        method: 'OPTIONS',
        text: '',
        headers: expect.objectContaining({
          'webhook-request-origin': 'eventgrid.azure.net',
          'webhook-request-rate': '120',
          'webhook-request-callback': expect.stringMatching(/^https:/),
          authorization: expect.stringMatching(/^Bearer /),
        }),
      }),
    ]);
  });

  it('is content with an origin of all and a rate of any', async () => {
    rig.endpoint.answer = () => ({
      status: 200,
      headers: { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' },
    });
    expect(await subscribe('cloudevents')).toMatchObject({ kind: 'subscribed', view: { state: 'Succeeded' } });
  });

  it.each<[string, Answer]>([
    ['another origin', { status: 200, headers: { 'webhook-allowed-origin': 'else.net', 'webhook-allowed-rate': '9' } }],
    ['no rate', { status: 200, headers: { 'webhook-allowed-origin': '*' } }],
    ['no number for a rate', { status: 200, headers: { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '0' } }],
    ['a method that is not allowed', { status: 405 }],
    ['an unknown path', { status: 404 }],
  ])('fails with %s', async (_, answer) => {
    rig.endpoint.answer = () => answer;
    expect(await subscribe('cloudevents')).toMatchObject({ kind: 'refused' });
  });
});

describe.each(['eventgrid', 'cloudevents'] as const)('a webhook that does not say yes at once (%s)', (schema) => {
  const validationUrl = (): string => {
    const [sent] = rig.endpoint.received;
    const callback = sent?.headers['webhook-request-callback'];
    return typeof callback === 'string' ? callback : JSON.parse(sent?.text ?? '')[0].data.validationUrl;
  };

  it('gets nothing until somebody visits the validation URL', async () => {
    expect(await subscribe(schema)).toMatchObject({ view: { state: 'AwaitingManualAction' } });
    rig.grid.publishSecretEvent(secretEvent('Expired'));
    expect(await visit(`${validationUrl().replace(/id=[^&]+/, 'id=guess')}`)).toBe(400);
    expect(viewOf(rig).state).toBe('AwaitingManualAction');
    expect(await visit(validationUrl())).toBe(200);
    expect(viewOf(rig)).toMatchObject({ state: 'Succeeded', delivered: [], pending: 0 });
  });

  it('has ten minutes', async () => {
    await subscribe(schema);
    await rig.clock.advance(11 * 60_000);
    expect(viewOf(rig).state).toBe('Failed');
    expect(await visit(validationUrl())).toBe(400);
  });
});

describe('a subscription that cannot be', () => {
  it.each([
    [{ destination: { queue: 'nobodys' } }, /no queue nobodys/],
    [{ destination: { queue: 'events' }, topic: 'custom', schema: 'eventgrid' } as const, /CloudEvents only/],
    [{ destination: { url: 'http://127.0.0.1:1/' } }, /cannot be reached/],
  ])('is refused: %o', async (request, why) => {
    expect(await rig.grid.subscribe(asked(request))).toEqual({ kind: 'refused', why: expect.stringMatching(why) });
  });

  it('is refused where there is one of that name', async () => {
    const request = asked({ destination: { queue: 'events' } });
    expect(await rig.grid.subscribe(request)).toMatchObject({ kind: 'subscribed' });
    expect(await rig.grid.subscribe(request)).toMatchObject({ kind: 'refused' });
  });
});
