import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import {
  type AuthenticatedRequest,
  callerContext,
  catchingDefects,
  operatorContext,
} from '../../../src/functions/http/route.ts';
import { RecordedTelemetry } from '../../vending/recorded-telemetry.ts';
import { World } from '../../vending/world/world.ts';
import { Client, OPERATOR, OPERATOR_ROLE, PORTAL } from './client.ts';

const SENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const HOSTS = `00-${'a'.repeat(32)}-${'c'.repeat(16)}-01`;

const requestWith = (headers: Record<string, string>) =>
  new HttpRequest({ method: 'GET', url: 'http://localhost/', headers });

describe('the spans of a request continue the trace that its caller sent', () => {
  const headers = { traceparent: SENT };

  it('where a key is vended', async () => {
    const client = new Client();
    client.telemetry = new RecordedTelemetry();
    await client.vend({ headers });
    expect(client.telemetry.spans).toContainEqual(expect.objectContaining({ name: 'vend', parent: SENT }));
  });

  it.each([PORTAL, OPERATOR])('where %o changes a credential, or looks at everything', (caller) => {
    const context = new InvocationContext();
    const asked: AuthenticatedRequest = { http: requestWith(headers), context, caller, query: {} };
    const services = {
      effects: { ...new World().effects(), telemetry: new RecordedTelemetry() },
      operatorRole: OPERATOR_ROLE,
    };
    expect(callerContext(services, asked).ctx.telemetry?.traceparent()).toBe(SENT);
    expect(operatorContext(services, asked).telemetry?.traceparent()).toBe(SENT);
  });
});

describe('an answer', () => {
  const ANSWER = { status: 201, jsonBody: { a: 1 }, headers: { Location: 'x' } };
  const answerTo = (headers: Record<string, string>, traceParent?: string, given: HttpResponseInit = ANSWER) =>
    catchingDefects(async () => given)(
      requestWith(headers),
      new InvocationContext({ ...(traceParent !== undefined && { traceContext: { traceParent } }) }),
    );

  it('names where it was made to a caller who named a trace, beside all else', async () => {
    const traced = (traceresponse: string) => ({ ...ANSWER, headers: { Location: 'x', traceresponse } });
    expect(await answerTo({ traceparent: SENT }, HOSTS)).toEqual(traced(HOSTS));
    expect(await answerTo({ traceparent: SENT })).toEqual(traced(SENT));
  });

  it.each<Record<string, string>>([{}, { traceparent: 'text' }])(
    'names no trace to the headers %o',
    async (headers) => {
      expect(await answerTo(headers, HOSTS)).toEqual(ANSWER);
    },
  );
});
