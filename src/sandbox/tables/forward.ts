import { type IncomingMessage, request as send } from 'node:http';
import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';

const HOP_BY_HOP: readonly string[] = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];
const OWN: readonly string[] = [...HOP_BY_HOP, 'authorization', 'date', 'x-ms-date', 'expect'];

export interface Upstream {
  readonly port: number;
  authorize(date: string, rawPath: string): string;
}

/** Passes a request on as it came, `Host` included, signed with the account's key in place of the caller's token. */
export async function forward(upstream: Upstream, request: EmulatorRequest): Promise<EmulatorResponse> {
  const date = new Date().toUTCString();
  const headers: Record<string, string | string[]> = {
    'x-ms-date': date,
    authorization: upstream.authorize(date, request.rawPath),
    'content-length': String(request.body.length),
  };
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !OWN.includes(name)) headers[name] = value;
  }
  const path = request.rawQuery === '' ? request.rawPath : `${request.rawPath}?${request.rawQuery}`;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send({ host: '127.0.0.1', port: upstream.port, agent: false, method: request.method, path, headers }, resolve)
      .on('error', reject)
      .end(request.body);
  });
  return readAnswer(answer);
}

async function readAnswer(answer: IncomingMessage): Promise<EmulatorResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value === undefined || HOP_BY_HOP.includes(name)) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: answer.statusCode ?? 502, headers, body: Buffer.concat(chunks) };
}
