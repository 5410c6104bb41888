import { launchHost } from '../../src/sandbox/host/launch.ts';
import { type AzureProcess, startAzureProcess } from './azure/process.ts';
import type { CompiledHost } from './compiled-host.ts';
import { type Driver, overHttp, overQueue } from './drivers.ts';
import { onAnInstance } from './instance-memory.ts';
import { pinFunction, pinRest } from './pinning.ts';

/** A function app in the local Functions host, on an Azure of its own. */
export interface Contender {
  /** Of the function's process, host included. */
  readonly pid: number;
  readonly azure: AzureProcess;
  readonly http: Driver;
  close(): Promise<void>;
}

export interface ContenderOptions {
  /** As {@link launchHost} takes it. */
  readonly appDir: string;
  readonly compiled: CompiledHost;
  /** A new one unless given; it ends with the contender. */
  readonly azure?: AzureProcess;
  /** Arguments for Node.js, as `languageWorkers__node__arguments` has them in Azure. */
  readonly execArgv?: readonly string[];
  /** Gets every line that the function's process writes. */
  readonly onLog?: (line: string) => void;
}

export async function startContender(options: ContenderOptions): Promise<Contender> {
  const { appDir, compiled, azure = await startAzureProcess(), execArgv = [], onLog = () => undefined } = options;
  const launch = {
    ...{ appDir, onLog },
    port: 0,
    env: azure.settings,
    execArgv: [...execArgv, '--import', compiled.rig],
    main: compiled.main,
  };
  const host = await onAnInstance(() => launchHost(launch));
  await Promise.all([pinFunction(host.pid), pinRest(azure.pid)]);
  const http = overHttp(host.url, azure.callerToken);
  return {
    ...{ pid: host.pid, azure, http },
    close: async () => {
      await http.close();
      await host.stop();
      await azure.close();
    },
  };
}

/** Vends over the contender's queues. Nobody else may take its answers meanwhile. */
export const queueOf = ({ azure }: Pick<Contender, 'azure'>): Driver =>
  overQueue(azure.settings.ServiceBusConnection ?? '');
