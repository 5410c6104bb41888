import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { FaultEffect, FaultPlan, FaultService } from './faults.ts';
import {
  type EmulatorRequest,
  type EmulatorResponse,
  listen,
  type RunningService,
  readRequest,
  send,
} from './http-service.ts';
import type { Traffic } from './traffic.ts';

/** A request that was recognised: what it is called in the fault plan, and how to do it. */
export interface EmulatorCall {
  readonly operation: string;
  /** Acts and answers. `fault` is given for effects that only the emulator itself can apply (`secret`, `owner`, …). */
  perform(fault: FaultEffect | undefined): EmulatorResponse | Promise<EmulatorResponse>;
}

export interface EmulatorServiceOptions {
  readonly service: FaultService;
  readonly faults: FaultPlan;
  /** Absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly port?: number;
  route(request: EmulatorRequest): EmulatorCall;
  /** Headers that the service puts on an injected `status` fault too, such as a request id. */
  faultHeaders?(): Readonly<Record<string, string>>;
  /** Called with every exchange once it is over; `status` is absent where the connection was cut. */
  onExchange?(request: EmulatorRequest, operation: string, status: number | undefined): void;
  readonly traffic?: Traffic | undefined;
}

const CLOSING_MS = 500;

/** Serves one emulated HTTP service on loopback, with the faults of the plan applied around its operations. */
export async function serveEmulator(options: EmulatorServiceOptions): Promise<RunningService> {
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    exchange(options, req, res).catch((error: unknown) => {
      // Ctrl-C ends the processes behind it too. Then the failure is the end of the sandbox, and this server closes at once.
      const report = () => server.listening && console.error(`sandbox: the ${options.service} emulator failed`, error);
      setTimeout(report, CLOSING_MS).unref();
      res.destroy();
    });
  };
  const server = options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  server.keepAliveTimeout = 65_000;
  server.on('connection', () => options.traffic?.connected(options.service));
  return listen(server, options.port ?? 0);
}

async function exchange(options: EmulatorServiceOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const request = await readRequest(req);
  const call = options.route(request);
  const fault = options.faults.take(options.service, call.operation);
  const over = begin(options, request, call.operation, fault);
  if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  const { holdMs } = fault ?? {};
  if (holdMs !== undefined || fault?.drop === 'before') {
    req.socket.destroy();
    if (holdMs !== undefined) await options.faults.hold(holdMs, async () => call.perform(fault));
    over(undefined);
    return;
  }
  const response = await respond(options, call, fault);
  if (fault?.drop === 'after') {
    req.socket.destroy();
    over(undefined);
    return;
  }
  over(response.status);
  send(req.socket, res, response, fault?.truncate === true);
}

/** Tells those who watch that the exchange begins. Returns how to tell them that it is over. */
function begin(
  { service, traffic, onExchange }: EmulatorServiceOptions,
  request: EmulatorRequest,
  operation: string,
  fault: FaultEffect | undefined,
): (status: number | undefined) => void {
  const { method, host, rawPath, headers } = request;
  const traceparent = typeof headers.traceparent === 'string' ? headers.traceparent : undefined;
  const end = traffic?.begin({
    ...{ service, operation, traceparent, isFault: fault !== undefined },
    target: `${method} ${host}${rawPath}`,
  });
  return (status) => {
    onExchange?.(request, operation, status);
    end?.(status === undefined ? 'cut' : String(status));
  };
}

async function respond(
  { faultHeaders }: EmulatorServiceOptions,
  call: EmulatorCall,
  fault: FaultEffect | undefined,
): Promise<EmulatorResponse> {
  if (fault?.status !== undefined) return injected(fault.status, fault, faultHeaders?.());
  const response = await call.perform(fault);
  if (fault?.answerStatus === undefined) return response;
  return { status: fault.answerStatus, headers: { ...faultHeaders?.(), ...fault.headers } };
}

function injected(status: number, fault: FaultEffect, base: Readonly<Record<string, string>> = {}): EmulatorResponse {
  const body = fault.body ?? { error: { code: 'InjectedFault', message: 'Injected by the sandbox.' } };
  return { status, headers: { ...base, ...fault.headers }, body };
}
