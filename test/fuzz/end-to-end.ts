import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { issueToken } from '../../src/sandbox/azure/tokens.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { HostProcess } from '../../src/sandbox/host/launch.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { MessageView } from '../../src/sandbox/servicebus/index.ts';
import type { Exchange } from './arbitraries/exchanges.ts';
import type { Answer } from './oracle.ts';
import { exchange, wireBytes } from './raw-socket.ts';

const run = promisify(execFile);
const PATIENCE_MS = 30_000;
const { request, retry, result, reply } = WORLD.queues;

type Tokens = Readonly<Record<'portal' | 'operator', string>>;

/** The built function as a process of its own, its HTTP port and its queues. */
export class Target {
  readonly #sandbox: Sandbox;
  readonly #host: HostProcess;
  readonly #bus: ServiceBusClient;
  readonly #tokens: Tokens;
  /** Taken from their queues, which would grow with every case. */
  readonly #answers: ServiceBusReceivedMessage[] = [];

  private constructor(sandbox: Sandbox, host: HostProcess, tokens: Tokens) {
    this.#sandbox = sandbox;
    this.#host = host;
    this.#bus = new ServiceBusClient(sandbox.azure.broker.connectionString);
    this.#tokens = tokens;
    for (const queue of [result, reply]) this.#take(queue);
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Target> {
    const sandbox = await startSandbox({ port: 0, controlPort: 0, withFunction: false, settings });
    const host = await sandbox.function.start(0);
    const { issuer } = sandbox.azure;
    const portal = await issueToken(issuer, {});
    const operator = await issueToken(issuer, { roles: [WORLD.operatorRole] });
    return new Target(sandbox, host, { portal: portal.access_token, operator: operator.access_token });
  }

  async close(): Promise<void> {
    await this.#bus.close();
    await this.#sandbox.close();
  }

  ask(sent: Exchange): Promise<Answer | undefined> {
    const { authorization } = sent;
    const isToken = typeof authorization === 'object' && authorization !== null;
    const header = isToken ? `Bearer ${this.#tokens[authorization.tokenOf]}` : authorization;
    const hangUpAfterMs = sent.lengths === 'true' ? undefined : 200;
    return exchange(this.#host.port, wireBytes(sent, header), hangUpAfterMs);
  }

  /** Sends messages with the real client. @returns the answers, once no message is left. */
  async deliver(
    queue: 'request' | 'retry',
    messages: readonly ServiceBusMessage[],
  ): Promise<readonly ServiceBusReceivedMessage[]> {
    const sender = this.#bus.createSender(WORLD.queues[queue]);
    await Promise.all(messages.map((message) => sender.sendMessages(message)));
    await sender.close();
    const end = Date.now() + PATIENCE_MS;
    while (!this.#isDrained() || this.#answers.length < messages.length) {
      if (Date.now() > end) throw new Error(`${this.#answers.length} of ${messages.length} messages were answered.`);
      await setTimeout(5);
    }
    return this.#answers.splice(0);
  }

  #take(queue: string): void {
    const receiver = this.#bus.createReceiver(queue, { receiveMode: 'receiveAndDelete' });
    receiver.subscribe(
      {
        processMessage: async (answer) => void this.#answers.push(answer),
        processError: async ({ error }) => console.error('fuzz: the answers cannot be received', error),
      },
      { maxConcurrentCalls: 50 },
    );
  }

  #isDrained(): boolean {
    return [request, retry].every((queue) => this.#sandbox.azure.broker.view(queue)?.messages.length === 0);
  }

  get deadLetters(): readonly MessageView[] {
    return Object.values(WORLD.queues).flatMap((queue) => this.#sandbox.azure.broker.view(queue)?.deadLetters ?? []);
  }

  /** Whatever ARM was asked for. */
  get upstreamRequests(): number {
    return this.#sandbox.azure.arm.requests().length;
  }

  /** Structured records of the function that speak of a defect, and what it wrote to its standard error. */
  get defects(): readonly unknown[] {
    return this.#sandbox.function
      .logs()
      .filter((line) => /"event\\?":\\?"(defect|message-abandoned)|Uncaught/.test(JSON.stringify(line)));
  }

  /** Kilobytes that the process holds in memory. @throws Error if the process that was started is gone. */
  async residentKb(): Promise<number> {
    if (process.platform === 'linux') {
      const status = await readFile(`/proc/${this.#host.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    }
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(this.#host.pid)]);
    return Number(stdout);
  }
}
