/** `npm run smoke -- --help`: exit code 1 where anything is not as it should be. */
import { randomUUID } from 'node:crypto';
import { runCommand } from '../../src/sandbox/kit/command.ts';
import { credentialIdOf } from '../../src/vending/model/idempotency.ts';
import { createApp } from './app.ts';
import type { Context } from './context.ts';
import { appToken, callerOf, credentialOf } from './credentials.ts';
import { readOptions, USAGE } from './options.ts';
import { probe } from './probes.ts';
import { createReport, redacted } from './report.ts';
import { smoke } from './smoke.ts';

async function main(args: readonly string[], interruption: AbortSignal): Promise<boolean> {
  const options = readOptions(args, process.env);
  const token = await appToken(credentialOf(options.token), options.audience);
  const report = createReport(console.log, [token, ...(options.vaultToken === undefined ? [] : [options.vaultToken])]);
  const caller = callerOf(token);
  const { patienceMs } = options;
  const app = createApp(options.url, token, interruption);
  const janitor = createApp(options.url, token);
  const vault = credentialOf(options.vaultToken);
  const contextFor = (change: Context['request']): Context => {
    const idempotencyKey = `smoke-${randomUUID()}`;
    const credentialId = credentialIdOf(caller.id, { kind: 'key', key: idempotencyKey });
    const request = { ...options.request, ...change };
    return { app, report, vault, caller, request, idempotencyKey, credentialId, patienceMs, interruption };
  };
  const context = contextFor({});
  console.log(`${options.url}\nidempotency key ${context.idempotencyKey}, credential ${context.credentialId}\n`);
  if ((await smoke(context, janitor)) && options.probes) await probe(contextFor, janitor);
  if (interruption.aborted) report.failed('the run', 'interrupted');
  return report.close(`${new URL(options.url).hostname}, ${new Date().toISOString().slice(0, 10)}`);
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
// An argument in the wrong place is repeated in a message, and may be a token.
await runCommand(USAGE, async (args) => ((await main(args, interruption.signal)) ? 0 : 1), { redact: redacted });
