import { describe, expect, it } from 'vitest';
import { problemBody, problemSchema, problemTypeUri } from '../../../src/vending/answers/problem.ts';
import { invalidField, PROBLEM_TYPES, PROBLEMS, problemOf } from '../../../src/vending/model/problems.ts';

describe('the body of a problem', () => {
  it.each(PROBLEM_TYPES)('names %s by a stable URI, with its status', (type) => {
    const body = problemBody(problemOf(type, 'Why.', 1_000), 'abcdefghijklmnopqrstuvwxyz');
    expect(problemSchema.parse(body)).toEqual(body);
    expect(body).toEqual({
      type: `urn:confluent-key-vending:problem:${type}`,
      title: PROBLEMS[type].title,
      status: PROBLEMS[type].status,
      detail: 'Why.',
      credentialId: 'abcdefghijklmnopqrstuvwxyz',
    });
  });

  it('names each field that breaks a rule', () => {
    expect(problemBody(invalidField('/name', 'is required'))).toMatchObject({
      type: problemTypeUri('invalid-request'),
      status: 400,
      errors: [{ pointer: '/name', detail: 'is required' }],
    });
  });

  it('has nothing that is not there', () => {
    expect(Object.keys(problemBody(problemOf('not-found', 'No.')))).toEqual(['type', 'title', 'status', 'detail']);
  });

  it('that may go away by itself is no mistake of the caller, except where another request is under way', () => {
    for (const type of PROBLEM_TYPES.filter((each) => PROBLEMS[each].transient))
      expect(PROBLEMS[type].status >= 500 || type === 'request-in-progress').toBe(true);
  });
});
