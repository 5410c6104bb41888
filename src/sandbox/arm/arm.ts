import { randomUUID } from 'node:crypto';
import type { BearerVerifier } from '../kit/bearer.ts';
import { serveEmulator } from '../kit/emulator.ts';
import type { FaultEffect, FaultPlan } from '../kit/faults.ts';
import type { EmulatorRequest, EmulatorResponse, RunningService } from '../kit/http-service.ts';
import type { Traffic } from '../kit/traffic.ts';
import { authorize } from './access.ts';
import { type ArmAnswers, armAnswersSchema } from './answers.ts';
import { type ApiKey, ApiKeyStore } from './api-key-store.ts';
import { ArmError } from './arm-error.ts';
import { authenticate } from './authentication.ts';
import { act } from './operations.ts';
import { type ArmRequestView, RequestLog } from './request-log.ts';
import { type ArmRoute, routeOf } from './routes.ts';
import { checkApiVersion, checkScope } from './scope.ts';
import { ARM_RATE_LIMITS, type RateLimits, Throttle } from './throttle.ts';
import { type ArmWorld, EXAMPLE_WORLD } from './world.ts';

export interface ArmOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly faults: FaultPlan;
  readonly traffic?: Traffic | undefined;
  readonly verifier: BearerVerifier;
  /** The principals with a role on the organization. Absent: everybody with a token. */
  readonly callerOids?: readonly string[];
  readonly port?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly world?: ArmWorld;
  /** Those of the real ARM unless given. */
  readonly rateLimits?: Partial<RateLimits>;
  /** Live keys that one cluster may have; 2000 unless given. */
  readonly keysPerCluster?: number;
}

export type ArmKeyView = Pick<ApiKey, 'id' | 'secret' | 'name' | 'description' | 'clusterId' | 'deleted'>;

export interface ArmEmulator extends RunningService {
  requests(): ArmRequestView[];
  /** Every key that was ever minted, whether or not the answer arrived. */
  keys(): ArmKeyView[];
  answers(): ArmAnswers;
  /** From now on. */
  setAnswers(answers: ArmAnswers): void;
}

/** Azure Resource Manager with Microsoft.Confluent 2024-07-01: its API keys, and reads of what they belong to. */
export async function startArm(options: ArmOptions): Promise<ArmEmulator> {
  const { tls, faults, port, now = Date.now } = options;
  const keys = new ApiKeyStore({ keysPerCluster: options.keysPerCluster ?? 2000, now });
  const log = new RequestLog();
  let answers = armAnswersSchema.parse({});
  const answer = createAnswer(options, keys, now, () => answers);
  const service = await serveEmulator({
    service: 'arm',
    faults,
    traffic: options.traffic,
    tls,
    ...(port !== undefined && { port }),
    route: (request) => {
      const route = routeOf(request.method, request.rawPath);
      const operation = route instanceof ArmError ? 'unknown' : route.operation;
      log.arrived(request, operation, now());
      return { operation, perform: (fault) => answer(request, route, fault) };
    },
    faultHeaders: () => identification(now()),
    onExchange: (request, _operation, status) => log.answered(request, status),
  });
  return {
    ...service,
    requests: () => log.all(),
    keys: () => keys.all().map(keyView),
    answers: () => answers,
    setAnswers: (chosen) => {
      answers = chosen;
    },
  };
}

type Answer = (
  request: EmulatorRequest,
  route: ArmRoute | ArmError,
  fault: FaultEffect | undefined,
) => Promise<EmulatorResponse>;

/** ARM's order of checks: who asks, how often, what for; then the resource provider's. */
function createAnswer(
  { verifier, callerOids, world = EXAMPLE_WORLD, rateLimits }: ArmOptions,
  keys: ApiKeyStore,
  now: () => number,
  answers: () => ArmAnswers,
): Answer {
  const throttle = new Throttle({ ...ARM_RATE_LIMITS, ...rateLimits }, now);
  return async (request, route, fault) => {
    const headers = identification(now());
    try {
      const caller = await authenticate(verifier, request.headers.authorization);
      const subscriptionId = route instanceof ArmError ? '' : route.parameters.subscriptionId;
      Object.assign(headers, throttle.admit(request.method, subscriptionId, caller.oid));
      if (route instanceof ArmError) throw route;
      checkApiVersion(request.query);
      const operation = authorize(callerOids, route.operation, caller);
      checkScope(route, world);
      const { parameters } = route;
      return { ...act({ request, operation, parameters, fault }, world, keys, answers()), headers };
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      const refusal = error.toResponse();
      return { ...refusal, headers: { ...headers, ...refusal.headers } };
    }
  };
}

function identification(now: number): Record<string, string> {
  const correlationId = randomUUID();
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  return {
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': correlationId,
    'x-ms-routing-request-id': `SANDBOX:${time}:${correlationId}`,
  };
}

const keyView = ({ id, secret, name, description, clusterId, deleted }: ApiKey): ArmKeyView => ({
  id,
  secret,
  name,
  description,
  clusterId,
  deleted,
});
