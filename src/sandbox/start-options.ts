import { parseArgs } from 'node:util';
import { UsageError } from './kit/command.ts';

export const USAGE = `Usage: npm start -- [options]
  --port N           port of the function (default 7071, 0: any free one)
  --control-port N   port of the console and the control API (default 7072, 0: any free one)
  --quiet            print no line for each invocation of the function
  --once             show the life of a credential over HTTP and a vend over the queue, then exit
  --no-demo          vend nothing; print one line of JSON when ready, and nothing else
  --no-function      emulated Azure, console and control API only, for another Functions host
  --help             print this`;

export interface Options {
  readonly port: number;
  readonly controlPort: number;
  readonly quiet: boolean;
  readonly once: boolean;
  readonly demo: boolean;
  readonly withFunction: boolean;
}

/** @throws {UsageError} or an ERR_PARSE_ARGS error, with a sentence for the user */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      port: { type: 'string', default: '7071' },
      'control-port': { type: 'string', default: '7072' },
      quiet: { type: 'boolean', default: false },
      once: { type: 'boolean', default: false },
      demo: { type: 'boolean', default: true },
      function: { type: 'boolean', default: true },
    },
  });
  if (values.once && !(values.demo && values.function))
    throw new UsageError('--once goes with neither --no-demo nor --no-function');
  const port = portOf('--port', values.port);
  const controlPort = portOf('--control-port', values['control-port']);
  if (port === controlPort && port !== 0) throw new UsageError('--port and --control-port must differ');
  return {
    ...{ port, controlPort, quiet: values.quiet, once: values.once },
    demo: values.demo && values.function,
    withFunction: values.function,
  };
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`${name} must be a port, 0 to 65535`);
  return port;
}
