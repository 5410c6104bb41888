import * as z from 'zod';

const lineSchema = z.object({
  time: z.string(),
  level: z.string(),
  message: z.string(),
  category: z.string().default(''),
  invocationId: z.string().optional(),
});

const auditSchema = z.object({
  audit: z.object({ change: z.string(), state: z.string().nullish(), credentialId: z.string().optional() }),
});
const eventSchema = z.object({
  event: z.string(),
  credentialId: z.string().optional(),
  upstream: z.object({ service: z.string(), status: z.number().optional(), code: z.string().optional() }).optional(),
});

/** A line of the host's log, in the words of people. */
export interface ReadLine {
  readonly time: string;
  readonly level: string;
  readonly text: string;
  readonly invocationId: string | undefined;
  readonly credentialId: string | undefined;
  /** The function wrote it, not its host. */
  readonly isOwn: boolean;
}

/** `raw`: a line as the host writes it, or as whatever else in its process prints it. */
export function readLogLine(raw: string, now: () => number): ReadLine {
  const parsed = lineSchema.safeParse(parse(raw)).data;
  if (parsed === undefined) {
    const time = new Date(now()).toISOString();
    return { time, level: 'information', text: raw, invocationId: undefined, credentialId: undefined, isOwn: false };
  }
  const { time, level, message, invocationId, category } = parsed;
  return { time, level, invocationId, isOwn: category.endsWith('.User'), ...wordsOf(message) };
}

function wordsOf(message: string): { readonly text: string; readonly credentialId: string | undefined } {
  const body = parse(message);
  const audit = auditSchema.safeParse(body).data?.audit;
  if (audit !== undefined) {
    const text = audit.state ? `${audit.change} → ${audit.state}` : audit.change;
    return { text, credentialId: audit.credentialId };
  }
  const event = eventSchema.safeParse(body).data;
  if (event === undefined) return { text: message, credentialId: undefined };
  const { service, status, code } = event.upstream ?? {};
  const upstream = [service, status, code].filter((part) => part !== undefined).join(' ');
  return { text: upstream === '' ? event.event : `${event.event} (${upstream})`, credentialId: event.credentialId };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
