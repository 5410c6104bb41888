/**
 * Runs a built function app the way Azure Functions does:
 * `node main.ts --app <directory with host.json and package.json> --port <number> [--until-stdin-closes]`,
 * with the app settings in its environment. Logs are JSON lines on stdout; so is the line that tells it is ready.
 */
import '../kit/no-delay.ts';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppWorker } from './app-worker.ts';
import { type RunningHost, startListeners } from './host.ts';
import { readHostJson } from './host-json.ts';
import { type InvocationReport, REPORT_VARIABLE } from './invocation-reports.ts';
import { createLog, describeError, type HostLog } from './log.ts';

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

function crash(log: HostLog, message: string): never {
  log({ level: 'critical', category: 'Host', message });
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

async function start(appDir: string, port: number): Promise<RunningHost> {
  process.chdir(appDir);
  const options = await readHostJson(appDir, process.env);
  const log = createLog(options.logLevels, writeLine);
  const worker = new AppWorker({ appDir, log, onGivenUp: (reason) => crash(log, reason) });
  const { functions, startError } = await worker.loaded();
  // Like the real host, this one shows the first line of the error and stays up: without functions it answers 404.
  const [firstLine = 'No job functions found.'] = startError?.split('\n') ?? [];
  if (functions.length === 0) log({ level: 'error', category: 'Host.Startup', message: firstLine });
  const report = (message: InvocationReport): void => void process.send?.(message);
  const isWatched = process.env[REPORT_VARIABLE] !== undefined;
  return startListeners({ worker, options, settings: process.env, log, port, ...(isWatched && { report }) });
}

function stopOnSignal(host: RunningHost, untilStdinCloses: boolean): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    host.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${describeError(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A parent that was killed cannot send a signal: its end of the pipe closing is all there is to see of it.
  if (untilStdinCloses) process.stdin.resume().on('close', stop);
}

const { values } = parseArgs({
  options: { app: { type: 'string' }, port: { type: 'string' }, 'until-stdin-closes': { type: 'boolean' } },
});

try {
  const host = await start(resolve(values.app ?? '.'), Number(values.port ?? 7071));
  stopOnSignal(host, values['until-stdin-closes'] === true);
  const { port, functions, startError } = host;
  writeLine(JSON.stringify({ event: 'ready', port, functions, startError }));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
