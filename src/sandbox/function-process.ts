import { fileURLToPath } from 'node:url';
import { CLOCK_PRELOAD, RIG } from './azure/app-settings.ts';
import type { SandboxClock } from './clock/clock.ts';
import { CLOCK_OFFSET_VARIABLE } from './clock/moves.ts';
import type { InvocationReport } from './host/invocation-reports.ts';
import { type HostProcess, launchHost } from './host/launch.ts';
import { HostStartError } from './host/settings.ts';

/** Lines of the function's log that are kept. */
const LOG_LIMIT = 100_000;
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** Learns what the function does, as it happens. */
export interface FunctionWatcher {
  onLog(line: string): void;
  onInvocation(report: InvocationReport): void;
  onProcessEnd(): void;
}

/** The built function in the local host, as a child process on the sandbox's clock that can be killed and started again. */
export class FunctionProcess {
  readonly #settings: Readonly<Record<string, string>>;
  readonly #clock: SandboxClock;
  readonly #logs: string[] = [];
  readonly #watcher: FunctionWatcher | undefined;
  #host: HostProcess | undefined;
  /** While it is between two processes. */
  #restarting: Promise<void> | undefined;

  constructor(settings: Readonly<Record<string, string>>, clock: SandboxClock, watcher?: FunctionWatcher) {
    this.#settings = settings;
    this.#clock = clock;
    this.#watcher = watcher;
    clock.follow((offsetMs) => this.#host?.moveClock(offsetMs) ?? Promise.resolve());
  }

  /**
   * @param changed app settings for this start alone
   * @throws {HostStartError} with the function's own words, such as what its configuration lacks.
   */
  async start(port: number, changed: Readonly<Record<string, string>> = {}): Promise<HostProcess> {
    const host = await launchHost({
      appDir: PROJECT,
      port,
      env: { ...this.#settings, ...changed, [CLOCK_OFFSET_VARIABLE]: String(this.#clock.offset()) },
      execArgv: ['--import', RIG, '--import', CLOCK_PRELOAD],
      onLog: (line) => this.#keep(line),
      onInvocation: this.#watcher && ((report) => this.#watcher?.onInvocation(report)),
    });
    if (host.functions.length === 0) {
      await host.stop();
      throw new HostStartError(host.startError ?? 'The app registered no functions.');
    }
    this.#host = host;
    void host.exited.then(() => this.#watcher?.onProcessEnd());
    // The clock may have moved while it started.
    await host.moveClock(this.#clock.offset());
    return host;
  }

  url(): string | undefined {
    return this.#host?.url;
  }

  /** Resolves when it ends; it does not while none runs. */
  async ended(): Promise<void> {
    await (this.#host?.exited ?? new Promise(() => undefined));
    if (this.#restarting === undefined) return;
    await this.#restarting;
    await this.ended();
  }

  /**
   * Kills it, as a crash of its machine would, and starts it again on the same port.
   *
   * @throws {HostStartError} as {@link start} does
   */
  async restart(): Promise<void> {
    this.#restarting ??= this.#replace(this.#host?.port ?? 0).finally(() => {
      this.#restarting = undefined;
    });
    await this.#restarting;
  }

  /** Ends it at once, as a crash of its machine would. */
  async kill(): Promise<void> {
    await this.#host?.kill();
    this.#host = undefined;
  }

  async stop(): Promise<void> {
    await this.#host?.stop();
    this.#host = undefined;
  }

  logs(): readonly unknown[] {
    return this.#logs.map(parsed);
  }

  async #replace(port: number): Promise<void> {
    await this.kill();
    await this.start(port);
  }

  #keep(line: string): void {
    this.#watcher?.onLog(line);
    this.#logs.push(line);
    if (this.#logs.length > LOG_LIMIT) this.#logs.shift();
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
