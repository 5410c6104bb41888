import { HttpRequest, InvocationContext } from '@azure/functions';
import { expect, it } from 'vitest';
import { catchingDefects } from '../../../src/functions/http/route.ts';

const SECRET = 'cflt/hush-hush';

it.each([new Error(SECRET), SECRET, undefined, { message: SECRET }])(
  'a defect (%o) is a 500 that says nothing, and a log record of where it was',
  async (thrown) => {
    const logged: unknown[] = [];
    const context = new InvocationContext({ logHandler: (level, ...args) => logged.push([level, ...args]) });
    const broken = catchingDefects(() => Promise.reject(thrown));
    const reply = await broken(new HttpRequest({ method: 'GET', url: 'http://localhost/' }), context);
    expect(reply).toMatchObject({
      status: 500,
      headers: { 'Content-Type': 'application/problem+json; charset=utf-8', 'Cache-Control': 'no-store' },
      jsonBody: { type: 'urn:confluent-key-vending:problem:internal-error', status: 500 },
    });
    expect(JSON.stringify([reply, logged])).not.toContain(SECRET);
    expect(logged).toEqual([['error', expect.stringContaining('"event":"defect"')]]);
    if (thrown instanceof Error) expect(JSON.stringify(logged)).toContain('guarded.test.ts');
  },
);
