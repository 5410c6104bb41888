import { setTimeout as sleep } from 'node:timers/promises';
import { type HostProcess, launchHost } from '../../../src/sandbox/host/launch.ts';

export const FIXTURE = `${import.meta.dirname}/fixtures/app`;

export interface FixtureHost {
  readonly host: HostProcess;
  readonly lines: readonly string[];
  /** Waits until the host has written a line with this text in it, and gives the line. */
  logged(text: string): Promise<string>;
}

export async function startFixture(env: Readonly<Record<string, string>> = {}): Promise<FixtureHost> {
  const lines: string[] = [];
  const host = await launchHost({ appDir: FIXTURE, port: 0, env, onLog: (line) => lines.push(line) });
  const logged = async (text: string): Promise<string> => {
    for (;;) {
      const found = lines.find((line) => line.includes(text));
      if (found !== undefined) return found;
      await sleep(10);
    }
  };
  return { host, lines, logged };
}
