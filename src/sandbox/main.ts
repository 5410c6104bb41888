import { once } from 'node:events';
import { styleText } from 'node:util';
import { printInvocations } from './activity/invocation-lines.ts';
import { eventTopicUrl, WORLD } from './azure/world.ts';
import { HostStartError } from './host/settings.ts';
import { runCommand } from './kit/command.ts';
import { type Sandbox, stageOf, startSandbox } from './sandbox.ts';
import { runDemo } from './scenarios/life.ts';
import { type Options, readOptions, USAGE } from './start-options.ts';

/** The reconciler looks each second, so that nobody waits for it. Events out go to the topic that the console shows. */
const SETTINGS = {
  RECONCILE_SCHEDULE: '* * * * * *',
  EVENT_TOPIC_ENDPOINT: eventTopicUrl(WORLD.eventTopics.out),
};

async function main(args: readonly string[], interruption: AbortSignal): Promise<void> {
  const options = readOptions(args);
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
  if (options.demo && url !== undefined) await demonstrate(sandbox, url, options);
  else console.log(JSON.stringify({ ready: true, function: url ?? null, control: sandbox.controlUrl }));
}

async function demonstrate(sandbox: Sandbox, url: string, { once: andLeave, quiet }: Options): Promise<void> {
  console.log(`The function listens on ${url}`);
  await runDemo(stageOf(sandbox));
  if (andLeave) return;
  if (!quiet && sandbox.activity !== undefined) printInvocations(sandbox.activity, console.log);
  console.log(`
That was the life of a credential. Each request to the function prints a line here. Ctrl-C stops everything.

${styleText('bold', `Open ${sandbox.controlUrl} in a browser: vend a key there, and watch each call.`)}
`);
}

/** @throws Error that says what to do about it, where it is known */
function explain(error: unknown): never {
  if (error instanceof HostStartError && /^Port \d+ is unavailable/.test(error.message)) {
    throw new Error(`${error.message} Choose another with --port (0: any free one).`);
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    throw new Error(`Port ${error.port} is in use. Choose another with --control-port (0: any free one).`);
  }
  throw error;
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
await runCommand(
  USAGE,
  async (args) => {
    try {
      await main(args, interruption.signal);
    } catch (error) {
      // Ctrl-C reaches the function too, which may then end before it was ready.
      if (!interruption.signal.aborted) explain(error);
    }
    return 0;
  },
  { onReaderGone: () => interruption.abort() },
);
// A demo that was cut short, or the delay of a fault, would hold the end up.
process.exit();
