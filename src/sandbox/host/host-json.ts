import { join } from 'node:path';
import * as z from 'zod';
import { readJsonObject } from './json-object.ts';
import type { LogLevels } from './log.ts';
import { type AppSettings, HostStartError } from './settings.ts';

const OVERRIDE_PREFIX = 'AzureFunctionsJobHost__';
const TIME_SPAN = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})$/;

const timeSpan = z
  .string()
  .regex(TIME_SPAN, 'expected a time span like "00:05:00"')
  .transform((text) => {
    const [days = 0, hours = 0, minutes = 0, seconds = 0] = (TIME_SPAN.exec(text) ?? []).slice(1).map(Number);
    return (((days || 0) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
  });

const LEVELS = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'] as const;
const logLevel = z.preprocess((text) => (typeof text === 'string' ? text.toLowerCase() : text), z.enum(LEVELS));

const schema = z.looseObject({
  version: z.literal('2.0'),
  functionTimeout: z.union([z.literal('-1').transform(() => Number.POSITIVE_INFINITY), timeSpan]).default(30 * 60_000),
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().default('api') }).prefault({}),
      serviceBus: z
        .looseObject({
          maxConcurrentCalls: z.int().min(1).default(16),
          prefetchCount: z.int().min(0).default(0),
          autoCompleteMessages: z.boolean().default(true),
          maxAutoLockRenewalDuration: timeSpan.default(5 * 60_000),
        })
        .prefault({}),
    })
    .prefault({}),
  logging: z.looseObject({ logLevel: z.record(z.string(), logLevel).default({}) }).prefault({}),
});

export interface ServiceBusOptions {
  readonly maxConcurrentCalls: number;
  /** Checked, but without effect: the JavaScript client does not prefetch. */
  readonly prefetchCount: number;
  readonly autoCompleteMessages: boolean;
  /** Milliseconds. */
  readonly maxAutoLockRenewalDuration: number;
}

export interface HostOptions {
  readonly routePrefix: string;
  /** Milliseconds; infinite for `-1`. */
  readonly functionTimeout: number;
  readonly serviceBus: ServiceBusOptions;
  readonly logLevels: LogLevels;
}

/**
 * Reads host.json, with the `AzureFunctionsJobHost__a__b` app settings laid over it as in Azure.
 * @throws {HostStartError} when it is missing or not valid.
 */
export async function readHostJson(appDir: string, settings: AppSettings): Promise<HostOptions> {
  const path = join(appDir, 'host.json');
  const parsed = schema.safeParse(withOverrides(await readJsonObject(path), settings));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`);
    throw new HostStartError(problems.join('\n'));
  }
  const { extensions, functionTimeout, logging } = parsed.data;
  return {
    routePrefix: extensions.http.routePrefix,
    functionTimeout,
    serviceBus: extensions.serviceBus,
    logLevels: logging.logLevel,
  };
}

function withOverrides(json: Record<string, unknown>, settings: AppSettings): Record<string, unknown> {
  const result = structuredClone(json);
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || !name.startsWith(OVERRIDE_PREFIX)) continue;
    assign(result, name.slice(OVERRIDE_PREFIX.length).split('__'), scalar(value));
  }
  return result;
}

function assign(target: Record<string, unknown>, [head = '', ...rest]: string[], value: unknown): void {
  const child = z.record(z.string(), z.unknown()).safeParse(target[head]).data ?? {};
  if (rest.length > 0) assign(child, rest, value);
  target[head] = rest.length > 0 ? child : value;
}

const scalar = (text: string): unknown =>
  /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : /^\d+$/.test(text) ? Number(text) : text;
