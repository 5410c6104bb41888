import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRig, TABLE, type TablesRig } from './rig.ts';

let rig: TablesRig;

beforeAll(async () => {
  rig = await startRig();
  await rig.client().createTable();
});
afterAll(() => rig.close());
afterEach(() => rig.faults.clear());

const PARTITION = 'intent';
const entity = (rowKey: string, state = 'minting') => ({ partitionKey: PARTITION, rowKey, state });
const refused = (action: Promise<unknown>): Promise<{ statusCode?: number; code?: string }> =>
  action.then(
    () => expect.fail('it was not refused'),
    (error: { statusCode?: number; code?: string }) => error,
  );

describe('faults', () => {
  it('cut the connection after an insert that took effect', async () => {
    rig.faults.add({ service: 'table', operation: 'insert', times: 1, fault: { drop: 'after' } });
    expect(await refused(rig.client().createEntity(entity('lost answer')))).toMatchObject({ code: 'ECONNRESET' });
    expect(await rig.client().getEntity('intent', 'lost answer')).toMatchObject({ state: 'minting' });
  });

  it('cut the connection before an insert that then took none', async () => {
    rig.faults.add({ service: 'table', operation: 'insert', times: 1, fault: { drop: 'before' } });
    expect(await refused(rig.client().createEntity(entity('never sent')))).toMatchObject({ code: 'ECONNRESET' });
    expect(await refused(rig.client().getEntity('intent', 'never sent'))).toMatchObject({ statusCode: 404 });
  });

  describe('on a transaction', () => {
    const transaction = (name: string) =>
      rig.client().submitTransaction([
        ['create', entity(`${name} 1`)],
        ['create', entity(`${name} 2`)],
      ]);
    const written = async (name: string): Promise<number> =>
      (await rig.tables.rows(TABLE)).filter(({ rowKey }) => String(rowKey).startsWith(name)).length;

    it.each([
      [{ status: 503 }, { statusCode: 503 }, 0],
      [{ drop: 'before' }, { code: 'ECONNRESET' }, 0],
      [{ drop: 'after' }, { code: 'ECONNRESET' }, 2],
      [{ truncate: true }, { code: 'PARSE_ERROR' }, 2],
    ] as const)('%j', async (fault, error, rows) => {
      const name = JSON.stringify(fault);
      rig.faults.add({ service: 'table', operation: 'batch', times: 1, fault });
      expect(await refused(transaction(name))).toMatchObject(error);
      expect(await written(name)).toBe(rows);
    });

    it('delay it, and it takes effect all the same', async () => {
      rig.faults.add({ service: 'table', operation: 'batch', times: 1, fault: { delayMs: 50 } });
      expect(await transaction('delayed')).toMatchObject({ status: 202 });
      expect(await written('delayed')).toBe(2);
    });

    it('hold it back, and let it land after its caller has given up', async () => {
      rig.faults.add({ service: 'table', operation: 'batch', times: 1, fault: { holdMs: 1_000 } });
      expect(await refused(transaction('held'))).toMatchObject({ code: 'ECONNRESET' });
      expect(await written('held')).toBe(0);
      await expect.poll(() => written('held'), { timeout: 10_000 }).toBe(2);
    });
  });

  it.each([
    ['createTable', () => rig.client().createTable()],
    ['insert', () => rig.client().createEntity(entity('fault'))],
    ['get', () => rig.client().getEntity('intent', 'fault')],
    ['query', () => rig.client().listEntities().next()],
    ['replace', () => rig.client().updateEntity(entity('fault'), 'Replace')],
    ['replace', () => rig.client().updateEntity(entity('fault'), 'Merge')],
    ['delete', () => rig.client().deleteEntity('intent', 'fault')],
    ['batch', () => rig.client().submitTransaction([['create', entity('fault')]])],
  ])('are aimed at %s by that name', async (operation, act) => {
    rig.faults.add({ service: 'table', operation, fault: { status: 503 } });
    expect(await refused(act())).toMatchObject({ statusCode: 503 });
  });
});
