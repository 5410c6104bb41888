import { parseConstraints } from './route-constraints.ts';
import { HostStartError } from './settings.ts';

const PARAMETER = /^\{(\*{0,2})(\w+)((?::[^{}?]+)*)(\??)\}$/;

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter' | 'optional' | 'catch-all';
      readonly name: string;
      readonly accepts: (value: string) => boolean;
    };

export interface Route {
  readonly functionName: string;
  readonly template: string;
  readonly methods: readonly string[];
  readonly segments: readonly Segment[];
}

export type RouteValues = Readonly<Record<string, string>>;

/** @throws {HostStartError} for a template that this router cannot match as ASP.NET does. */
export function compileRoute(functionName: string, template: string, methods: readonly string[]): Route {
  const segments = template.split('/').map((part) => {
    const segment = compileSegment(part);
    if (segment !== undefined) return segment;
    throw new HostStartError(
      `The '${functionName}' function is in error: the route template '${template}' is not emulated.`,
    );
  });
  return { functionName, template, methods, segments };
}

function compileSegment(part: string): Segment | undefined {
  if (part === '') return undefined;
  if (!/[{}]/.test(part)) return { kind: 'literal', text: part.toLowerCase() };
  const [, stars = '', name = '', constraintText = '', question = ''] = PARAMETER.exec(part) ?? [];
  const constraints = parseConstraints(constraintText);
  if (name === '' || constraints === undefined) return undefined;
  const kind = stars !== '' ? 'catch-all' : question !== '' ? 'optional' : 'parameter';
  return { kind, name, accepts: (value) => constraints.every((constraint) => constraint(value)) };
}

/**
 * Orders routes as the host tries them: by function name, whatever their templates. It knows no precedence of literals
 * over parameters (azure-functions-host issue 9876).
 * @throws {HostStartError} when two functions claim the same template and method.
 */
export function orderRoutes(routes: readonly Route[]): readonly Route[] {
  const ordered = [...routes].sort((a, b) => a.functionName.localeCompare(b.functionName, 'en'));
  for (const [index, route] of ordered.entries()) {
    const rival = ordered.slice(0, index).find((other) => conflict(route, other));
    if (rival !== undefined) throw new HostStartError(conflictMessage(route.functionName, rival.functionName));
  }
  return ordered;
}

const conflict = (a: Route, b: Route): boolean =>
  a.template.toLowerCase() === b.template.toLowerCase() && a.methods.some((method) => b.methods.includes(method));

const conflictMessage = (name: string, rival: string): string =>
  `The '${name}' function is in error: The route specified conflicts with the route defined by function '${rival}'.`;

/** The first route that takes this method and path. Undefined is a 404, for a wrong method too: the host knows no 405. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; values: RouteValues } | undefined {
  const parts = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  for (const route of routes) {
    const values = route.methods.includes(method) ? matchSegments(route.segments, parts) : undefined;
    if (values !== undefined) return { route, values };
  }
  return undefined;
}

function matchSegments(segments: readonly Segment[], parts: readonly string[]): RouteValues | undefined {
  if (parts.length > segments.length && segments.at(-1)?.kind !== 'catch-all') return undefined;
  const values: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = segment.kind === 'catch-all' ? parts.slice(index).join('/') : (parts[index] ?? '');
    if (!takes(segment, part)) return undefined;
    if (segment.kind !== 'literal' && part !== '') values[segment.name] = part;
  }
  return values;
}

function takes(segment: Segment, part: string): boolean {
  if (segment.kind === 'literal') return part.toLowerCase() === segment.text;
  return part === '' ? segment.kind !== 'parameter' : segment.accepts(part);
}
