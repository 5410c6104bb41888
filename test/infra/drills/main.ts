import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { type Ask, findingsOf } from './alert.ts';

const USAGE = 'Usage: node test/infra/drills/main.ts CONTROL_URL fires|over ALERT…, or … pass DURATION [TIMES]';
const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;

/** @throws Error with this sentence where it does not come */
async function until(look: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await setTimeout(PAUSE_MS);
  }
}

/** Waits until the alert would fire in a sandbox, or would not any more. Prints what its query finds. */
async function wait(ask: Ask, isWanted: boolean, name: string): Promise<void> {
  let findings: readonly object[] = [];
  const look = async (): Promise<boolean> => {
    findings = await findingsOf(name, ask);
    return findings.length > 0 === isWanted;
  };
  await until(look, `The alert ${name} ${isWanted ? 'does not fire' : 'still fires'}.`);
  console.log(`${name}: ${isWanted ? findings.map((finding) => JSON.stringify(finding)).join('\n  ') : 'over'}`);
}

const linesSchema = z.array(z.unknown());
/** Runs of the reconciler that began, and that ended. */
async function runsOf(ask: Ask): Promise<{ readonly begun: number; readonly ended: number }> {
  const lines = linesSchema.parse(await ask('/logs')).map((line) => JSON.stringify(line));
  const count = (start: string): number =>
    lines.filter((line) => line.includes(`"${start} 'Functions.reconcile'`)).length;
  return { begun: count('Executing'), ended: count('Executed') };
}

const rowsSchema = z.array(z.object({ rowKey: z.string() }));

/**
 * Moves the clock, by a minute or more, and waits for the run of the reconciler that then begins.
 * First it waits until the rows of logged audit records are removed: after the leap they would be logged again, as new.
 */
async function pass(ask: Ask, duration: string): Promise<void> {
  const isIdle = async (): Promise<boolean> => {
    const { begun, ended } = await runsOf(ask);
    const rows = rowsSchema.parse(await ask('/ledger'));
    return begun === ended && !rows.some(({ rowKey }) => rowKey.startsWith('audit_'));
  };
  await until(isIdle, 'The reconciler does not end, or an audit record is not removed.');
  const before = (await runsOf(ask)).ended;
  await ask('/clock', { advance: duration });
  await until(async () => (await runsOf(ask)).ended > before, 'The reconciler does not run.');
}

async function main([controlUrl = '', verb = '', ...what]: readonly string[]): Promise<void> {
  const ask: Ask = async (path, body) => {
    const url = `http://${controlUrl}${path}`;
    if (body !== undefined) return (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json();
    // A kept connection may end just when it is used again.
    return (await fetch(url).catch(() => fetch(url))).json();
  };
  switch (verb) {
    case 'fires':
    case 'over':
      for (const name of what) await wait(ask, verb === 'fires', name);
      return;
    case 'pass':
      for (let times = Number(what[1] ?? 1); times > 0; times--) await pass(ask, what[0] ?? '');
      return;
    default:
      throw new Error(USAGE);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
