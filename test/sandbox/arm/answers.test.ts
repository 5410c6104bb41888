import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { armAnswersSchema } from '../../../src/sandbox/arm/answers.ts';
import { type ArmFixture, ORGANIZATION, startFixture, VERSION } from './fixture.ts';

let fixture: ArmFixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture.arm.close());

async function mint(): Promise<string> {
  return JSON.parse((await fixture.create()).text).id;
}

const ask = async (method: string, id: string): Promise<{ status: number; text: string }> => {
  const { status, text } = await fixture.call(method, `${ORGANIZATION}/apiKeys/${id}${VERSION}`);
  return { status, text };
};

const deletedKeys = (): string[] => fixture.arm.keys().flatMap(({ id, deleted }) => (deleted ? [id] : []));

describe('by setting', () => {
  it.each([202, 204] as const)('a deletion answers %i without a body, and deletes', async (deleted) => {
    fixture.arm.setAnswers(armAnswersSchema.parse({ deleted }));
    const id = await mint();
    expect(await ask('DELETE', id)).toEqual({ status: deleted, text: '' });
    expect(deletedKeys()).toEqual([id]);
    expect((await ask('DELETE', id)).status).toBe(404);
  });

  it('a deletion that finds no key answers 204', async () => {
    fixture.arm.setAnswers(armAnswersSchema.parse({ deletedNothing: 204 }));
    expect(await ask('DELETE', 'NONE')).toEqual({ status: 204, text: '' });
  });

  it('a key that was deleted is read with 403, and one that never was with 404', async () => {
    fixture.arm.setAnswers(armAnswersSchema.parse({ readDeleted: 403 }));
    const id = await mint();
    expect((await ask('GET', id)).status).toBe(200);
    await ask('DELETE', id);
    expect(await ask('GET', id)).toMatchObject({ status: 403, text: expect.stringContaining('"Forbidden"') });
    expect((await ask('GET', 'NONE')).status).toBe(404);
  });
});

it.each([202, 204])('by a fault a deletion answers %i once, and deletes', async (answerStatus) => {
  fixture.faults.add({ service: 'arm', operation: 'deleteApiKey', times: 1, fault: { answerStatus } });
  const [first, second] = [await mint(), await mint()];
  expect(await ask('DELETE', first)).toEqual({ status: answerStatus, text: '' });
  expect((await ask('DELETE', second)).status).toBe(200);
  expect(deletedKeys()).toEqual([first, second]);
});
