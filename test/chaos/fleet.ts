import { fileURLToPath } from 'node:url';
import { RIG } from '../../src/sandbox/app-settings.ts';
import { type HostProcess, launchHost } from '../../src/sandbox/host/launch.ts';
import type { Random } from './random.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

export interface FleetOptions {
  readonly size: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly onLog: (line: string) => void;
}

/** Several instances of the built function on one Azure, as after a scale-out: each may be killed and comes back. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #hosts: (HostProcess | undefined)[];
  /** When instances were killed, in milliseconds since the epoch. */
  readonly killedAt: number[] = [];

  private constructor(options: FleetOptions) {
    this.#options = options;
    this.#hosts = Array.from({ length: options.size }, () => undefined);
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
    this.killedAt.push(Date.now());
    await host.kill();
  }

  async startMissing(): Promise<void> {
    const { settings, onLog } = this.#options;
    const launch = { appDir: PROJECT, port: 0, env: settings, execArgv: ['--import', RIG], onLog };
    for (const [place, host] of this.#hosts.entries()) {
      if (host === undefined) this.#hosts[place] = await launchHost(launch);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host?.stop()));
  }
}
