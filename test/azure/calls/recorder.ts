import type { FaultService } from '../../../src/sandbox/kit/faults.ts';
import type { Call, Traffic } from '../../../src/sandbox/kit/traffic.ts';

/** Stands with a call that waited for its connection. */
export const AFTER_HANDSHAKE = ', after a handshake';

interface Recorded {
  readonly call: Call;
  isOver: boolean;
  /** Others were under way when it began. */
  readonly isBeside: boolean;
  readonly connections: FaultService[];
}

/** Writes down what the services of a sandbox are asked for, as text that people can compare. */
export class Recorder {
  #calls: Recorded[] = [];
  #connections: FaultService[] = [];

  constructor(traffic: Traffic) {
    traffic.listen({
      onBegin: (call) => {
        const isBeside = this.#calls.some(({ isOver }) => !isOver);
        this.#calls.push({ call, isBeside, isOver: false, connections: [] });
      },
      onEnd: ({ id }) => {
        const ended = this.#calls.find(({ call }) => call.id === id);
        if (ended === undefined) return;
        ended.isOver = true;
        ended.connections.push(...this.#connections.splice(0));
      },
      onConnection: (service) => void this.#connections.push(service),
    });
  }

  /**
   * The calls since the last look, in the order in which they began. A new connection stands with the first call that was
   * over after it. With a call to its own service it was waited for, with any other it was opened meanwhile.
   */
  take(): readonly string[] {
    const lines = this.#calls.map(lineOf);
    this.#calls = [];
    this.#connections = [];
    return lines;
  }
}

function lineOf({ call, isBeside, connections }: Recorded): string {
  const opened = connections.map((service) =>
    service === call.service ? AFTER_HANDSHAKE : `, meanwhile a connection to ${service}`,
  );
  return `${isBeside ? 'beside it: ' : ''}${call.service} ${shapeOf(call)}${opened.join('')}`;
}

/** Method and path, without what differs from run to run. */
function shapeOf({ service, operation, target }: Call): string {
  if (service === 'bus') return operation;
  const [method = '', address = ''] = target.split(' ');
  const path = decodeURIComponent(address.slice(address.indexOf('/')));
  switch (service) {
    case 'arm':
      return `${method} …${path.replace(/^.*\/organizations\/[^/]+/, '').replace(/apiKeys\/[^/]+/, 'apiKeys/{id}')}`;
    case 'vault':
      return `${method} ${path.replace(/ck-[^/]+/, '{name}').replace(/[0-9a-f]{32}/, '{version}')}`;
    default:
      return `${method} ${path.replace(/^\/[a-z]+\(.*RowKey='([a-z]+)_.*$/, 'row $1').replace(/^\/[a-z]+\(\)/, 'rows')}`;
  }
}
