import * as z from 'zod';
import type { FunctionMetadata } from './rpc.ts';
import { type AppSettings, HostStartError, resolveSettings } from './settings.ts';

export interface HttpTrigger {
  readonly kind: 'http';
  readonly binding: string;
  /** Without the route prefix. */
  readonly route: string;
  readonly methods: readonly string[];
}

export interface QueueTrigger {
  readonly kind: 'queue';
  readonly binding: string;
  readonly queue: string;
  readonly connection: string;
  readonly dataType: 'string' | 'binary';
  readonly autoCompleteMessages: boolean | undefined;
}

export interface TimerTrigger {
  readonly kind: 'timer';
  readonly binding: string;
  readonly schedule: string;
  readonly runOnStartup: boolean;
}

export type Trigger = HttpTrigger | QueueTrigger | TimerTrigger;

const lowerCase = (text: unknown): unknown => (typeof text === 'string' ? text.toLowerCase() : text);
const anonymous = z.literal('anonymous', 'keys are not emulated: authLevel must be "anonymous"');
const no = (what: string) => z.literal(false, `${what} is not emulated`).optional();

const httpSchema = z.looseObject({
  authLevel: z.preprocess(lowerCase, anonymous),
  methods: z.array(z.string().toUpperCase()),
  route: z.string().optional(),
});

const queueSchema = z.looseObject({
  queueName: z.string('only queues are emulated, not topics'),
  connection: z.string().default('ServiceBus'),
  dataType: z.preprocess(
    lowerCase,
    z.enum(['string', 'binary'], 'dataType must be "string" or "binary"').default('string'),
  ),
  isSessionsEnabled: no('isSessionsEnabled'),
  autoCompleteMessages: z.boolean().optional(),
  cardinality: z.literal('one', 'cardinality "many" is not emulated').optional(),
  sdkBinding: no('sdkBinding'),
});

const timerSchema = z.looseObject({ schedule: z.string(), runOnStartup: z.boolean().default(false) });

const bindingSchema = z.looseObject({ type: z.string(), direction: z.string() });

/** @throws {HostStartError} for whatever the real host would do and this one does not. */
export function readTrigger(metadata: FunctionMetadata, settings: AppSettings): Trigger {
  const refuse = (reason: string): never => {
    throw new HostStartError(`The '${metadata.name}' function is in error: ${reason}`);
  };
  if (metadata.retryOptions !== undefined) refuse('retry policies are not emulated.');
  let trigger: Trigger | undefined;
  for (const [name, raw] of Object.entries(metadata.bindings)) {
    const { type, direction } = bindingSchema.parse(raw);
    if (/trigger$/i.test(type)) trigger = toTrigger(name, type, raw, metadata.name, settings, refuse);
    else if (!(name === '$return' && type.toLowerCase() === 'http'))
      refuse(`the ${direction} binding '${name}' of type '${type}' is not emulated.`);
  }
  return trigger ?? refuse('it has no trigger.');
}

function toTrigger(
  binding: string,
  type: string,
  raw: unknown,
  functionName: string,
  settings: AppSettings,
  refuse: (reason: string) => never,
): Trigger {
  const read = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(raw);
    return parsed.success ? parsed.data : refuse(parsed.error.issues.map((issue) => issue.message).join('; '));
  };
  switch (type.toLowerCase()) {
    case 'httptrigger': {
      const { route, methods } = read(httpSchema);
      // The host takes an empty route for a missing one.
      const resolved = resolveSettings(route ?? '', settings).replace(/^\/+|\/+$/g, '');
      return { kind: 'http', binding, methods, route: resolved === '' ? functionName : resolved };
    }
    case 'servicebustrigger': {
      const { queueName, connection, dataType, autoCompleteMessages } = read(queueSchema);
      const queue = resolveSettings(queueName, settings);
      return { kind: 'queue', binding, queue, connection, dataType, autoCompleteMessages };
    }
    case 'timertrigger': {
      const { schedule, runOnStartup } = read(timerSchema);
      return { kind: 'timer', binding, schedule: resolveSettings(schedule, settings), runOnStartup };
    }
    default:
      return refuse(`triggers of type '${type}' are not emulated.`);
  }
}
