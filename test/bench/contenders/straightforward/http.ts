import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { isCaller } from './callers.ts';
import { requestSchema, type Vended, type VendRequest } from './vend.ts';

/** Registers the route of a vend. */
export function answerHttp(vend: (request: VendRequest) => Promise<Vended>): void {
  const handler = (request: HttpRequest, context: InvocationContext) => vendKey(vend, request, context);
  app.http('vendKey', { methods: ['POST'], authLevel: 'anonymous', route: 'v1/credentials', handler });
}

async function vendKey(
  vend: (request: VendRequest) => Promise<Vended>,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  if (!(await isCaller(request.headers.get('authorization')))) return { status: 401 };
  const body = requestSchema.safeParse(await request.json().catch(() => undefined));
  if (!body.success) return { status: 400, jsonBody: { errors: body.error.issues } };
  const vended = await vend(body.data);
  context.log(`vended ${vended.apiKeyId}`);
  return { status: 201, jsonBody: vended };
}
