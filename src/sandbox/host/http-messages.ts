import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestTarget } from './request-target.ts';
import type { RouteValues } from './routes.ts';
import type { NullableMap, RpcCookie, RpcHttp, TypedData } from './rpc.ts';

const FRAMING_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);
const SAME_SITE = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' } as const;

/** The request as the host hands it to the worker. */
export function toRpcRequest(
  req: IncomingMessage,
  target: RequestTarget,
  params: RouteValues,
  body: Buffer | undefined,
): RpcHttp {
  const query = new URLSearchParams(target.queryString);
  const queryValues = [...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')] as const);
  const headers = Object.entries(req.headersDistinct).map(([name, all = []]) => [name, all.join(',')] as const);
  return {
    method: req.method ?? 'GET',
    url: `http://${req.headers.host ?? ''}${target.encodedPath}${target.queryString}`,
    nullableHeaders: nullable(headers),
    nullableQuery: nullable(queryValues),
    nullableParams: nullable(Object.entries(params)),
    ...(body === undefined ? {} : { body: { bytes: body } }),
  };
}

const nullable = (entries: readonly (readonly [string, string])[]): NullableMap =>
  Object.fromEntries(entries.map(([name, value]) => [name, { value }]));

/** Writes what the function returned; a function that returned nothing is a 200 without a body. */
export function writeReply(res: ServerResponse, returnValue: TypedData | null | undefined): void {
  const http = returnValue?.http ?? {};
  const body = Buffer.from(http.body?.bytes ?? []);
  for (const [name, value] of Object.entries(http.headers ?? {}))
    if (!FRAMING_HEADERS.has(name.toLowerCase())) res.setHeader(name, value);
  const cookies = (http.cookies ?? []).map(serializeCookie);
  if (cookies.length > 0) res.appendHeader('set-cookie', cookies);
  writeBody(res, Number(http.statusCode ?? 200), body);
}

/** Ends the reply with this status and body. */
export function writeBody(res: ServerResponse, status: number, body: Buffer = Buffer.alloc(0)): void {
  res.statusCode = status;
  if (status !== 204 && status !== 304) res.setHeader('content-length', body.length);
  res.end(body);
}

function serializeCookie(cookie: RpcCookie): string {
  const attributes = [
    cookie.expires && `expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`,
    cookie.maxAge && `max-age=${Math.floor(cookie.maxAge.value)}`,
    cookie.domain && `domain=${cookie.domain.value}`,
    `path=${cookie.path?.value ?? '/'}`,
    cookie.secure?.value === true && 'secure',
    SAME_SITE[cookie.sameSite ?? 'none'] && `samesite=${SAME_SITE[cookie.sameSite ?? 'none']}`,
    cookie.httpOnly?.value === true && 'httponly',
  ];
  const pair = `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`;
  return [pair, ...attributes.filter((attribute) => typeof attribute === 'string')].join('; ');
}
