/** A mistake of the person who typed the command: one sentence that names the option and the rule. */
export class UsageError extends Error {}

export interface CommandOptions {
  /** Takes out of a message what must not be printed. */
  redact?(message: string): string;
  /** The reader of the output went away, as `| head` does. Ends the process unless given. */
  onReaderGone?(): void;
}

/**
 * Runs a command of the project. `--help` prints `usage`. A mistake in the options gets a sentence and exit code 2, any
 * other error its message and exit code 1.
 *
 * @param run gives the exit code
 */
export async function runCommand(
  usage: string,
  run: (args: readonly string[]) => Promise<number>,
  { redact = (message) => message, onReaderGone = () => process.exit(0) }: CommandOptions = {},
): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    onReaderGone();
  });
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    process.exitCode = await run(args);
  } catch (error) {
    const isMistake = error instanceof UsageError || isParseError(error);
    console.error(redact(isMistake ? messageOf(error) : reportOf(error)));
    if (isMistake) console.error('--help lists the options.');
    process.exitCode = isMistake ? 2 : 1;
  }
}

const isParseError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A defect of ours is of no use without its place. */
function reportOf(error: unknown): string {
  const isDefect = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return (isDefect ? error.stack : undefined) ?? messageOf(error);
}
