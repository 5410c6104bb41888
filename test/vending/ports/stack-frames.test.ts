import { expect, it } from 'vitest';
import { stackFramesOf } from '../../../src/vending/ports/telemetry.ts';

const frame = (number: number): string => `    at f${number} (file:///app/main.js:${number}:1)`;
const failing = (...lines: readonly string[]): Error => Object.assign(new Error('x'), { stack: lines.join('\n') });

it('a defect shows the frames of its stack, without the message, which may quote data', () => {
  const error = failing('Error: no such key', 'look at SECRET', frame(1), frame(2));
  expect(stackFramesOf(error)).toBe('at f1 (file:///app/main.js:1:1) | at f2 (file:///app/main.js:2:1)');
});

it('a deep stack shows its first eight frames', () => {
  const frames = Array.from({ length: 12 }, (_, number) => frame(number));
  const shown = stackFramesOf(failing('Error', ...frames)).split(' | ');
  expect(shown).toEqual(frames.slice(0, 8).map((line) => line.trim()));
});

it.each([['a thrown text'], [undefined], [Object.assign(new Error('x'), { stack: undefined })]])(
  '%s has no frames',
  (thrown) => {
    expect(stackFramesOf(thrown)).toBe('');
  },
);
