import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { clockMessage } from '../../../src/sandbox/clock/moves.ts';

const PRELOAD = new URL('../../../src/sandbox/clock/preload.ts', import.meta.url).href;
const SCRIPT = new URL('./fixtures/tell-time.mjs', import.meta.url);
const DAY = 86_400_000;

let child: ChildProcess;
afterEach(() => child.kill('SIGKILL'));

async function start(offset = 0): Promise<void> {
  child = fork(SCRIPT, {
    execArgv: ['--import', PRELOAD],
    env: { SANDBOX_CLOCK_OFFSET_MS: String(offset) },
  });
  await once(child, 'message');
}

async function answerTo(message: object): Promise<unknown> {
  const answer = once(child, 'message');
  child.send(message);
  return (await answer)[0];
}

interface Told {
  readonly ahead: Readonly<Record<string, number>>;
  readonly facts: Readonly<Record<string, unknown>>;
}
const told = async (): Promise<Told> => (await answerTo({ tell: Date.now() })) as Told;

describe('the preload', () => {
  it('begins with the offset that it is given', async () => {
    await start(40 * DAY);
    const { ahead } = await told();
    expect(Object.keys(ahead)).toEqual(['now', 'instance', 'text', 'subclass']);
    for (const ms of Object.values(ahead)) expect(Math.abs(ms - 40 * DAY)).toBeLessThan(2_000);
  });

  it('moves when it is told, also back, and says so', async () => {
    await start();
    expect(await answerTo(clockMessage(3 * DAY))).toEqual(clockMessage(3 * DAY));
    expect(await answerTo(clockMessage(-DAY))).toEqual(clockMessage(-DAY));
    const { ahead, facts } = await told();
    expect(Math.abs((ahead.now ?? 0) + DAY)).toBeLessThan(2_000);
    expect(facts.announced).toBe(2);
  });

  it('leaves dates what they are', async () => {
    await start(DAY);
    expect((await told()).facts).toEqual({
      announced: 0,
      given: '2026-01-02T03:04:05.000Z',
      utc: Date.UTC(2026, 0, 2),
      parsed: Date.parse('2026-01-02T00:00:00Z'),
      fields: 2026,
      nativeIsInstance: true,
      constructorIsDate: true,
      subclassIsInstance: true,
      cloned: true,
    });
  });

  it('leaves timers on real time, and no process alive', async () => {
    await start(DAY);
    const { ahead } = await told();
    expect(ahead.now).toBeGreaterThan(DAY - 2_000);
    const ended = once(child, 'exit');
    child.send({ finish: true });
    expect((await ended)[0]).toBe(0);
  });
});
