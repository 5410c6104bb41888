import { Activity } from './activity/activity.ts';
import { type AzureOptions, type EmulatedAzure, startAzure } from './azure/azure.ts';
import { createConsole } from './console/console.ts';
import { startControl } from './control/server.ts';
import { FunctionProcess } from './function-process.ts';
import { TERMINAL } from './scenarios/narrator.ts';
import type { Stage } from './scenarios/stage.ts';

export interface SandboxOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly controlPort: number;
  /** False: Azure alone, for a Functions host started by hand. */
  readonly withFunction: boolean;
  /** App settings to add or replace; an empty one is as good as absent. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly azure?: AzureOptions;
  /** True: what happens is recorded, and the control API shows the console to browsers. */
  readonly watch?: boolean;
}

/** Emulated Azure with the function and the control API in it. */
export interface Sandbox {
  readonly azure: EmulatedAzure;
  readonly function: FunctionProcess;
  /** Absent unless it is watched. */
  readonly activity: Activity | undefined;
  readonly controlUrl: string;
  close(): Promise<void>;
}

/** For a scenario on the terminal. */
export const stageOf = ({ azure, function: running }: Sandbox): Stage => ({
  ...{ azure, functionUrl: () => running.url(), logs: () => running.logs(), narrator: TERMINAL },
});

/** @throws Error with `code` EADDRINUSE for a busy control port; {@link HostStartError} where the function does not start. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const azure = await startAzure(options.azure);
  const settings = { ...azure.appSettings, ...options.settings };
  const activity = options.watch === true ? new Activity(azure.traffic, azure.clock.now) : undefined;
  const functionProcess = new FunctionProcess(settings, azure.clock, activity);
  const closers = [() => azure.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    const controlled = { azure, functionUrl: () => functionProcess.url(), logs: () => functionProcess.logs() };
    const page = activity && createConsole({ controlled, activity, restartFunction: () => functionProcess.restart() });
    closers.push(async () => page?.close());
    const control = await startControl(controlled, options.controlPort, page);
    closers.push(() => control.close());
    closers.push(() => functionProcess.stop());
    if (options.withFunction) await functionProcess.start(options.port);
    return { azure, activity, function: functionProcess, controlUrl: `http://127.0.0.1:${control.port}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
