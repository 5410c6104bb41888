import { describe, expect, it } from 'vitest';
import { type FailedOutcome, isSuccess, retryDelay } from '../../../src/sandbox/eventgrid/retry.ts';

const failed = (reason: FailedOutcome['reason']): FailedOutcome => ({ kind: 'failed', reason });

describe('the retry rules', () => {
  it('follow the published schedule', () => {
    const delays = Array.from({ length: 11 }, (_, index) => retryDelay('webhook', failed(500), index + 1));
    const minutes = delays.map((delay) => (delay ?? 0) / 60_000);
    expect(minutes).toEqual([1 / 6, 0.5, 1, 5, 10, 30, 60, 180, 360, 720, 720]);
  });

  it.each<[number | 'timed-out' | 'unreachable', number | undefined, number | undefined]>([
    [400, undefined, undefined],
    [401, undefined, 300],
    [403, undefined, undefined],
    [404, 10, 300],
    [408, 120, 120],
    [409, 10, 10],
    [413, undefined, undefined],
    [429, 10, 10],
    [500, 10, 10],
    [503, 30, 30],
    [302, 10, 10],
    [205, 10, 10],
    ['timed-out', 10, 10],
    ['unreachable', 10, 10],
  ])('try %s again with a webhook after %s s, with a queue after %s s', (reason, webhook, queue) => {
    const seconds = (ms: number | undefined): number | undefined => ms && ms / 1000;
    expect(seconds(retryDelay('webhook', failed(reason), 1))).toBe(webhook);
    expect(seconds(retryDelay('queue', failed(reason), 1))).toBe(queue);
  });

  it('never undercut the schedule by the least delay of a status', () => {
    expect(retryDelay('webhook', failed(503), 5)).toBe(600_000);
  });

  it('take 200 to 204 alone for success', () => {
    expect([199, 200, 201, 202, 203, 204, 205, 206, 304].filter(isSuccess)).toEqual([200, 201, 202, 203, 204]);
  });
});
