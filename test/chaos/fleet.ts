import { fileURLToPath } from 'node:url';
import { CLOCK_PRELOAD, RIG } from '../../src/sandbox/azure/app-settings.ts';
import type { SandboxClock } from '../../src/sandbox/clock/clock.ts';
import { CLOCK_OFFSET_VARIABLE } from '../../src/sandbox/clock/moves.ts';
import { type HostProcess, launchHost } from '../../src/sandbox/host/launch.ts';
import type { ClockWindow } from './clocks.ts';
import type { Random } from './random.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

export interface FleetOptions {
  readonly size: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: SandboxClock;
  readonly window: ClockWindow;
  readonly random: Random;
  readonly onLog: (line: string) => void;
}

interface Instance {
  readonly host: HostProcess;
  /** How far its clock is ahead of Azure's. */
  skewMs: number;
}

/**
 * Several instances of the built function on one Azure, as after a scale-out: each may be killed and comes back. Each has
 * a clock of its own.
 */
export class Fleet {
  readonly #options: FleetOptions;
  #changed: Readonly<Record<string, string>> = {};
  #window: ClockWindow;
  readonly #instances: (Instance | undefined)[];
  kills = 0;

  private constructor(options: FleetOptions) {
    this.#options = options;
    this.#window = options.window;
    this.#instances = Array.from({ length: options.size }, () => undefined);
    options.clock.follow(async () => {
      await Promise.all(this.#living().map((instance) => this.#setClock(instance)));
    });
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    await fleet.startMissing();
    return fleet;
  }

  /** Undefined while none is up. */
  url(random: Random): string | undefined {
    return this.#one(random)?.host.url;
  }

  /** SIGKILL, without a word. */
  async killOne(random: Random): Promise<void> {
    const victim = this.#one(random);
    if (victim === undefined) return;
    this.#instances[this.#instances.indexOf(victim)] = undefined;
    this.kills++;
    await victim.host.kill();
  }

  /** The clock of one instance jumps ahead. Returns how to set it right again, which says whether the instance still lived. */
  async jump(random: Random): Promise<() => Promise<boolean>> {
    const instance = this.#one(random);
    if (instance === undefined) return async () => false;
    const { skewMs } = instance;
    instance.skewMs = this.#window.fastest;
    await this.#setClock(instance);
    return async () => {
      instance.skewMs = skewMs;
      await this.#setClock(instance);
      return this.#instances.includes(instance);
    };
  }

  /** From now on every clock is Azure's. */
  async setClocksRight(): Promise<void> {
    this.#window = { slowest: 0, fastest: 0 };
    for (const instance of this.#living()) instance.skewMs = 0;
    await Promise.all(this.#living().map((instance) => this.#setClock(instance)));
  }

  /** As after a change of app settings, with nobody left of before. `between`: while none is up. */
  async restart(changed: Readonly<Record<string, string>>, between = async (): Promise<void> => {}): Promise<void> {
    await Promise.all(this.#living().map(({ host }) => host.kill()));
    this.#instances.fill(undefined);
    await between();
    this.#changed = changed;
    await this.startMissing();
  }

  async startMissing(): Promise<void> {
    await Promise.all(this.#instances.map((instance, place) => instance ?? this.#start(place)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#living().map(({ host }) => host.stop()));
  }

  async #start(place: number): Promise<void> {
    const { settings, clock, random, onLog } = this.#options;
    const skewMs = random.int(this.#window.slowest, this.#window.fastest);
    const execArgv = ['--import', RIG, '--import', CLOCK_PRELOAD];
    const env = { ...settings, ...this.#changed, [CLOCK_OFFSET_VARIABLE]: String(clock.offset() + skewMs) };
    const host = await launchHost({ appDir: PROJECT, port: 0, env, execArgv, onLog });
    const instance = { host, skewMs };
    this.#instances[place] = instance;
    // The clock may have moved while it started.
    await this.#setClock(instance);
  }

  #setClock({ host, skewMs }: Instance): Promise<void> {
    return host.moveClock(this.#options.clock.offset() + skewMs);
  }

  #living(): Instance[] {
    return this.#instances.flatMap((instance) => instance ?? []);
  }

  #one(random: Random): Instance | undefined {
    const [first, ...others] = this.#living();
    return first && random.pick([first, ...others]);
  }
}
