import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createClock } from '../../../src/sandbox/clock/clock.ts';

const HOUR = 3_600_000;

describe('the clock', () => {
  it('runs with real time, ahead by what it was moved', async () => {
    let real = 1_000;
    const clock = createClock(() => real);
    await clock.advance(HOUR);
    real += 5;
    expect(clock.now()).toBe(1_005 + HOUR);
    await clock.advance(1);
    expect(clock.offset()).toBe(HOUR + 1);
  });

  it.each([-1, Number.NaN])('does not move by %d', async (ms) => {
    const clock = createClock();
    await expect(clock.advance(ms)).rejects.toThrow(/only moves ahead/);
    expect(clock.offset()).toBe(0);
  });

  it('lets followers move before anything comes due, which it then calls in the order of its times', async () => {
    const clock = createClock();
    const order: string[] = [];
    clock.follow(async (offset) => {
      await setTimeout(5);
      order.push(`follower ${offset}`);
    });
    clock.onMove(() => order.push('moved'));
    clock.at(clock.now() + 2 * HOUR, () => order.push('second'));
    clock.at(clock.now() + HOUR, () => order.push('first'));
    clock.at(clock.now() + 30 * HOUR, () => order.push('not yet'));
    clock.at(clock.now() + HOUR, () => order.push('cancelled'))();
    await clock.advance(3 * HOUR);
    expect(order).toEqual([`follower ${3 * HOUR}`, 'first', 'second', 'moved']);
    await clock.advance(HOUR);
    expect(order.slice(4)).toEqual([`follower ${4 * HOUR}`, 'moved']);
  });

  it('tells nobody who has stopped listening', async () => {
    const clock = createClock();
    const heard: string[] = [];
    clock.follow(async () => void heard.push('follower'))();
    clock.onMove(() => heard.push('listener'))();
    await clock.advance(1);
    expect(heard).toEqual([]);
  });

  it('calls when a moment is reached by waiting, and never before', async () => {
    const clock = createClock();
    await clock.advance(HOUR);
    const due = clock.now() + 40;
    const calledAt = await new Promise<number>((resolve) => clock.at(due, () => resolve(clock.now())));
    expect(calledAt).toBeGreaterThanOrEqual(due);
    expect(calledAt).toBeLessThan(due + 1_000);
  });

  it('waits for moments that are further away than a timer can be set', async () => {
    const clock = createClock();
    let called = false;
    clock.at(clock.now() + 60 * 24 * HOUR, () => {
      called = true;
    });
    await setTimeout(20);
    expect(called).toBe(false);
    await clock.advance(61 * 24 * HOUR);
    expect(called).toBe(true);
  });
});
