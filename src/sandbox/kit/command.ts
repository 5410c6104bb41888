/** A mistake of the person who typed the command: one sentence that names the option and the rule. */
export class UsageError extends Error {}

/**
 * Runs a command of the project. `--help` prints `usage`. A mistake in the options gets a sentence and exit code 2, any
 * other error its message and exit code 1. A reader of the output that goes away ends the command quietly.
 *
 * @param run gives the exit code; none is 0
 */
export async function runCommand(
  usage: string,
  run: (args: readonly string[]) => Promise<number | undefined>,
): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    process.exitCode = (await run(args)) ?? 0;
  } catch (error) {
    const isMistake = error instanceof UsageError || isParseError(error);
    console.error(error instanceof Error ? error.message : String(error));
    if (isMistake) console.error('--help lists the options.');
    process.exitCode = isMistake ? 2 : 1;
  }
}

const isParseError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
