import { expect, it } from 'vitest';
import { Activity } from '../../src/sandbox/activity/activity.ts';
import type { ActivityEvent } from '../../src/sandbox/activity/types.ts';
import { Traffic } from '../../src/sandbox/kit/traffic.ts';

function rig() {
  const traffic = new Traffic();
  const activity = new Activity(traffic, Date.now);
  const events: ActivityEvent[] = [];
  activity.listen((event) => events.push(event));
  const began = (id: string, trigger: { kind: 'http'; method: string; path: string } | { kind: 'timer' }): void =>
    activity.onInvocation({
      ...{ report: 'began', id, functionName: 'f', traceparent: `trace-${id}`, at: Date.now(), trigger },
    });
  const ended = (id: string, status?: number): void =>
    activity.onInvocation({ report: 'ended', id, ms: 1, succeeded: true, ...(status !== undefined && { status }) });
  const call = (id: string, service: 'table' | 'arm' | 'vault', operation: string) =>
    traffic.begin({ service, operation, target: 'GET /x', traceparent: `trace-${id}`, isFault: false });
  return { activity, events, began, ended, call };
}

const REQUEST = { kind: 'http', method: 'POST', path: '/api/v1/credentials' } as const;
const TIMER = { kind: 'timer' } as const;

it('runs of the reconciler that only look are counted, and push no request out', () => {
  const { activity, events, began, ended, call } = rig();
  began('request', REQUEST);
  ended('request', 201);
  events.splice(0);
  for (let number = 0; number < 500; number++) {
    began(`look-${number}`, TIMER);
    call(`look-${number}`, 'table', 'query')?.('200');
    ended(`look-${number}`);
  }
  expect(activity.invocations().map(({ id }) => id)).toEqual(['request']);
  expect(activity.quiet()).toBe(500);
  expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['quiet']));
});

it('a run that acts is shown from then on, with what it did before', () => {
  const { activity, events, began, ended, call } = rig();
  began('review', TIMER);
  call('review', 'table', 'query')?.('200');
  expect(events).toEqual([]);
  call('review', 'arm', 'deleteApiKey')?.('cut');
  ended('review');
  expect(events.map(({ event }) => event)).toEqual(['began', 'step', 'step', 'step', 'ended']);
  const [review] = activity.invocations();
  expect(review?.steps.map((step) => step.kind === 'call' && [step.operation, step.end?.outcome])).toEqual([
    ['query', '200'],
    ['deleteApiKey', 'cut'],
  ]);
});

it('an invocation whose process ends is over, and one that ends by a failure is shown', () => {
  const { activity, began, call } = rig();
  began('cut', REQUEST);
  call('cut', 'vault', 'setSecret');
  began('look', TIMER);
  activity.onInvocation({ report: 'ended', id: 'look', ms: 1, succeeded: false });
  activity.onProcessEnd();
  expect(activity.invocations().map(({ id, end }) => [id, end?.status])).toEqual([
    ['cut', 'killed'],
    ['look', 'failed'],
  ]);
});

it('calls belong to the invocation that their traceparent names, and to none without', () => {
  const { activity, began, call } = rig();
  began('a', REQUEST);
  began('b', REQUEST);
  call('b', 'arm', 'createApiKey')?.('200');
  call('nobody', 'arm', 'createApiKey')?.('200');
  expect(activity.invocations().map(({ steps }) => steps.length)).toEqual([0, 1]);
});
