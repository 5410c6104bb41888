/** `npm run smoke -- --help`: exit code 1 where anything is not as it should be. */
import { randomUUID } from 'node:crypto';
import { credentialIdOf } from '../../src/vending/model/idempotency.ts';
import { createApp } from './app.ts';
import { appToken, callerOf, credentialOf } from './credentials.ts';
import { readOptions, USAGE } from './options.ts';
import { createReport, redacted } from './report.ts';
import { smoke } from './smoke.ts';

async function main(args: readonly string[], interruption: AbortSignal): Promise<boolean> {
  const options = readOptions(args, process.env);
  const token = await appToken(credentialOf(options.token), options.audience);
  const report = createReport(console.log, [token, ...(options.vaultToken === undefined ? [] : [options.vaultToken])]);
  const idempotencyKey = `smoke-${randomUUID()}`;
  const credentialId = credentialIdOf(callerOf(token), { kind: 'key', key: idempotencyKey });
  console.log(`${options.url}\nidempotency key ${idempotencyKey}, credential ${credentialId}\n`);
  const { request, patienceMs } = options;
  const app = createApp(options.url, token, interruption);
  const vault = credentialOf(options.vaultToken);
  const context = { app, report, vault, request, idempotencyKey, credentialId, patienceMs, interruption };
  await smoke(context, createApp(options.url, token));
  if (interruption.aborted) report.failed('the run', 'interrupted');
  return report.close(`${new URL(options.url).hostname}, ${new Date().toISOString().slice(0, 10)}`);
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
const args = process.argv.slice(2);
try {
  if (args.includes('--help')) console.log(USAGE);
  else process.exitCode = (await main(args, interruption.signal)) ? 0 : 1;
} catch (error) {
  // An argument in the wrong place is repeated in the message, and may be a token.
  console.error(error instanceof Error ? redacted(error.message) : 'unknown');
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
    console.error(USAGE);
  process.exitCode = 1;
}
