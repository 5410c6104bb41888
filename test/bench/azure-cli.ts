import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Summary, summarize } from './summary.ts';

/** A vend by hand is `az rest` and `az keyvault secret set`. */
export const COMMANDS_PER_VEND = 2;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The least that any `az` takes: it reaches no service, for the emulated ones answer on names that `az` cannot be led
 * to without root.
 */
export const AZ_VERSION: Command = { file: 'az', args: ['version', '--output', 'none'] };

export type AzureCli = { readonly kind: 'absent' } | { readonly kind: 'measured'; readonly startMs: Summary };

/** Measures the alternative by hand, if the Azure CLI is installed. */
export async function measureAzureCli(rounds: number, { file, args }: Command = AZ_VERSION): Promise<AzureCli> {
  const samples: number[] = [];
  // The first start compiles what later ones find compiled.
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now();
    try {
      await promisify(execFile)(file, args, { shell: process.platform === 'win32' });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'absent' };
      throw error;
    }
    if (round > 0) samples.push(performance.now() - startedAt);
  }
  return { kind: 'measured', startMs: summarize(samples) };
}
