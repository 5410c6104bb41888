import { expect } from 'vitest';
import { PROBLEMS, type ProblemType } from '../../src/vending/model/problems.ts';
import { HUSH } from './arbitraries/text.ts';

const URN = 'urn:confluent-key-vending:problem:';
const STACK = /\bat .*:\d+:\d+|node:internal|[\w-]\.[cm]?[jt]s\b/;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const MEMBERS = ['type', 'title', 'status', 'detail', 'instance', 'credentialId', 'errors'];

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
}

/** One of the declared problems and not a defect, in our words alone; of the caller's only cleaned names of fields. */
export function expectProblem(document: unknown): ProblemType {
  expect(document).toMatchObject({ type: expect.stringContaining(URN), detail: expect.any(String) });
  const { type, title, status, detail, errors = [] } = document as ProblemDocument;
  const name = type.slice(URN.length) as ProblemType;
  expect({ type, title, status }).toEqual({
    type: URN + name,
    title: PROBLEMS[name].title,
    status: PROBLEMS[name].status,
  });
  expect(name).not.toBe('internal-error');
  expect(Object.keys(document as object).filter((member) => !MEMBERS.includes(member))).toEqual([]);
  const ours = [title, detail, ...errors.map((error) => error.detail)].join('\n');
  expect(ours).not.toContain(HUSH);
  expect(ours).not.toMatch(STACK);
  for (const { pointer, parameter } of errors) expectClean(pointer ?? `/${parameter}`);
  expect(errors.length).toBeLessThanOrEqual(21);
  return name;
}

function expectClean(pointer: string): void {
  expect(pointer).toMatch(/^(\/|$)/);
  expect(pointer).not.toMatch(UNPRINTABLE);
  for (const segment of pointer.split('/')) expect(segment.length).toBeLessThanOrEqual(2 * 65);
}

export function expectProblemAnswer({ status, headers, body }: Answer): ProblemType {
  const name = expectProblem(JSON.parse(body));
  expect(status).toBe(PROBLEMS[name].status);
  expect(headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  });
  if (status === 503) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  return name;
}
