import { once } from 'node:events';
import { parseArgs, styleText } from 'node:util';
import { eventTopicUrl, WORLD } from './azure/world.ts';
import { HostStartError } from './host/settings.ts';
import { type Sandbox, stageOf, startSandbox } from './sandbox.ts';
import { runDemo } from './scenarios/life.ts';

const USAGE = `Usage: npm start -- [options]
  --port N           port of the function (default 7071, 0: any free one)
  --control-port N   port of the control API (default 7072, 0: any free one)
  --once             show the life of a credential over HTTP and a vend over the queue, then exit
  --no-demo          vend nothing; print one line of JSON when ready
  --no-function      emulated Azure and control API only, for another Functions host`;

/** The reconciler looks each second, so that nobody waits for it. Events out go to the topic that the console shows. */
const SETTINGS = {
  RECONCILE_SCHEDULE: '* * * * * *',
  EVENT_TOPIC_ENDPOINT: eventTopicUrl(WORLD.eventTopics.out),
};

interface Options {
  readonly port: number;
  readonly controlPort: number;
  readonly once: boolean;
  readonly demo: boolean;
  readonly withFunction: boolean;
}

/** @throws Error with a sentence for the user. */
function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      port: { type: 'string', default: '7071' },
      'control-port': { type: 'string', default: '7072' },
      once: { type: 'boolean', default: false },
      demo: { type: 'boolean', default: true },
      function: { type: 'boolean', default: true },
    },
  });
  if (values.once && !(values.demo && values.function))
    throw new Error('--once goes with neither --no-demo nor --no-function');
  const port = portOf('--port', values.port);
  const controlPort = portOf('--control-port', values['control-port']);
  if (port === controlPort && port !== 0) throw new Error('--port and --control-port must differ');
  return {
    port,
    controlPort,
    once: values.once,
    demo: values.demo && values.function,
    withFunction: values.function,
  };
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`${name} must be a port, 0 to 65535`);
  return port;
}

async function main(interruption: AbortSignal): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const interrupted = once(interruption, 'abort');
  if (options.demo) console.log('Starting emulated Azure and the function …');
  const sandbox = await startSandbox({ ...options, settings: SETTINGS, watch: true });
  try {
    await Promise.race([interrupted, present(sandbox, options)]);
    if (!options.once) await Promise.race([interrupted, functionEnds(sandbox)]);
  } finally {
    await sandbox.close();
  }
}

/** @throws Error with its last words: the sandbox is of no use without it. */
async function functionEnds(sandbox: Sandbox): Promise<void> {
  await sandbox.function.ended();
  const words = sandbox.function
    .logs()
    .slice(-3)
    .map((line) => `\n  ${JSON.stringify(line)}`);
  throw new Error(`The function ended by itself. The last that it logged:${words.join('')}`);
}

async function present(sandbox: Sandbox, options: Options): Promise<void> {
  const url = sandbox.function.url();
  if (options.demo && url !== undefined) await demonstrate(sandbox, url, options.once);
  else console.log(JSON.stringify({ ready: true, function: url ?? null, control: sandbox.controlUrl }));
}

async function demonstrate(sandbox: Sandbox, url: string, andLeave: boolean): Promise<void> {
  console.log(`The function listens on ${url}, the control API on ${sandbox.controlUrl}`);
  await runDemo(stageOf(sandbox));
  if (andLeave) return;
  const body = JSON.stringify({ environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'my first key' });
  const { controlUrl } = sandbox;
  console.log(`
${styleText('bold', 'Try next')}
  curl -i ${url}/api/v1/credentials -H "Authorization: Bearer $(curl -s -X POST ${controlUrl}/tokens | sed 's/.*:"//; s/".*//')" \\
    -H 'Content-Type: application/json' -H 'Idempotency-Key: mine-1' -d '${body}'
  curl -X POST ${controlUrl}/queues/${WORLD.queues.request} -d '{"messageId": "mine-2", "body": ${body}}'; sleep 1; \\
    curl -s ${controlUrl}/queues/${WORLD.queues.result}

Ctrl-C stops everything.`);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof HostStartError && /^Port \d+ is unavailable/.test(error.message)) {
    return `${error.message} Choose another with --port (0: any free one).`;
  }
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Port ${error.port} is in use. Choose another with --control-port (0: any free one).`;
  }
  if ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) return `${error.message}\n${USAGE}`;
  return error.message;
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
try {
  await main(interruption.signal);
} catch (error) {
  // Ctrl-C reaches the function too, which may then end before it was ready.
  if (!interruption.signal.aborted) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}
// A demo that was cut short, or the delay of a fault, would hold the end up.
process.exit();
