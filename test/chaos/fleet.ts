import { fileURLToPath } from 'node:url';
import { CLOCK_PRELOAD, RIG } from '../../src/sandbox/azure/app-settings.ts';
import type { SandboxClock } from '../../src/sandbox/clock/clock.ts';
import { CLOCK_OFFSET_VARIABLE } from '../../src/sandbox/clock/moves.ts';
import { type HostProcess, launchHost } from '../../src/sandbox/host/launch.ts';
import type { Random } from './random.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

export interface FleetOptions {
  readonly size: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: SandboxClock;
  readonly onLog: (line: string) => void;
}

/** Several instances of the built function on one Azure, as after a scale-out: each may be killed and comes back. */
export class Fleet {
  readonly #options: FleetOptions;
  #changed: Readonly<Record<string, string>> = {};
  readonly #hosts: (HostProcess | undefined)[];
  kills = 0;

  private constructor(options: FleetOptions) {
    this.#options = options;
    this.#hosts = Array.from({ length: options.size }, () => undefined);
    options.clock.follow(async (offsetMs) => {
      await Promise.all(this.#hosts.map((host) => host?.moveClock(offsetMs)));
    });
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    await fleet.startMissing();
    return fleet;
  }

  /** Undefined while none is up. */
  url(random: Random): string | undefined {
    const [first, ...others] = this.#hosts.flatMap((host) => host ?? []);
    return first === undefined ? undefined : random.pick([first, ...others]).url;
  }

  /** SIGKILL, without a word. */
  async killOne(random: Random): Promise<void> {
    const victim = random.int(0, this.#hosts.length - 1);
    const host = this.#hosts[victim];
    if (host === undefined) return;
    this.#hosts[victim] = undefined;
    this.kills++;
    await host.kill();
  }

  /** As after a change of app settings, with nobody left of before. `between`: while none is up. */
  async restart(changed: Readonly<Record<string, string>>, between = async (): Promise<void> => {}): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host?.kill()));
    this.#hosts.fill(undefined);
    await between();
    this.#changed = changed;
    await this.startMissing();
  }

  async startMissing(): Promise<void> {
    const { settings, clock, onLog } = this.#options;
    const execArgv = ['--import', RIG, '--import', CLOCK_PRELOAD];
    for (const [place, missing] of this.#hosts.entries()) {
      if (missing !== undefined) continue;
      const env = { ...settings, ...this.#changed, [CLOCK_OFFSET_VARIABLE]: String(clock.offset()) };
      const host = await launchHost({ appDir: PROJECT, port: 0, env, execArgv, onLog });
      this.#hosts[place] = host;
      // The clock may have moved while it started.
      await host.moveClock(clock.offset());
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host?.stop()));
  }
}
