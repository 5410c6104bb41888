import type * as z from 'zod';
import { parseStrictJson } from '../request/strict-json.ts';
import { type Policy, policySchema } from './policy-schema.ts';

export type ParsedPolicy =
  | { readonly kind: 'valid'; readonly policy: Policy }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reads a policy: JSON with comments, no name twice. Each problem is one line that begins with the offending path. */
export function parsePolicy(text: string): ParsedPolicy {
  const json = parseStrictJson(blankComments(text));
  if (json.kind === 'malformed') return { kind: 'invalid', problems: [`policy: ${json.detail}`] };
  // Parsed once, at start: zod need not compile code for it.
  const parsed = policySchema.safeParse(json.value, { jitless: true });
  if (parsed.success) return { kind: 'valid', policy: parsed.data };
  return { kind: 'invalid', problems: parsed.error.issues.flatMap(linesOf) };
}

/** Comments become spaces, so that positions in messages still hold. */
function blankComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (token) =>
    token.startsWith('"') ? token : token.replace(/[^\n]/g, ' '),
  );
}

function linesOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [`${pathOf(issue.path)}: ${issue.message}`];
  return issue.keys.map((key) => `${pathOf([...issue.path, JSON.stringify(key).slice(1, -1)])}: is not a known field`);
}

/** `rules[2].callers` */
function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'policy';
  return path
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${String(segment)}`))
    .join('')
    .slice(1);
}
