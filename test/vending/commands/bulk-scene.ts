import { type BulkRequest, previewBulk, type Started, startBulk } from '../../../src/vending/commands/bulk.ts';
import { type BulkProgress, readBulk } from '../../../src/vending/commands/bulk-progress.ts';
import { type Status, statusOf } from '../../../src/vending/model/credential.ts';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { reconcile } from '../../../src/vending/review/reconcile.ts';
import { CALLER, HOUR, SETTINGS, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

export const LEAKED = { cluster: 'lkc-leaked' };
export const BY = 'operator:entra:t:o';
export const REVOKE: BulkRequest = { operation: 'revoke', filter: LEAKED, expect: 3 };
export const ROTATE: BulkRequest = { operation: 'rotate', filter: LEAKED, expect: 3 };

/** A vend into the cluster whose keys leaked. */
export const leaked = (key: string) => ({ key: { kind: 'key', key } as const, request: { clusterId: LEAKED.cluster } });
export const idOf = (key: string): string => credentialIdOf(CALLER.id, { kind: 'key', key });
export const sorted = (ids: readonly string[]): readonly string[] => ids.toSorted((a, b) => (a < b ? -1 : 1));
export const idOfBulk = (started: Started): string => {
  if (started.kind !== 'started') throw new Error(`Expected a start, got ${JSON.stringify(started)}`);
  return started.bulk.id;
};

/** An hour ago three credentials `a`, `b` and `c` were vended into the cluster, and `x` and `y` elsewhere. */
export async function leakedWorld(): Promise<World> {
  const world = new World();
  for (const key of ['a', 'b', 'c']) await vendIn(world, leaked(key));
  for (const key of ['x', 'y']) await vendIn(world, { key: { kind: 'key', key } });
  world.pass(HOUR);
  return world;
}

/** So many more credentials like `a`. Their ids come last. */
export function plantLeaked(world: World, count: number): void {
  const text = JSON.stringify(world.ledger.get(idOf('a')));
  for (let n = 0; n < count; n++) {
    const id = `z${String(n).padStart(25, '0')}`;
    world.ledger.rows.set(`credential_${id}`, { text: text.replaceAll(idOf('a'), id), etag: `e${n}` });
  }
}

/** Each step acts on the world of the test that runs. */
export function bulkSteps(world: () => World) {
  const statusIn = (key: string): Status | undefined => {
    const row = world().ledger.get(idOf(key));
    return row && statusOf(row);
  };
  return {
    statusIn,
    statuses: (...keys: string[]) => keys.map(statusIn),
    start: (request: BulkRequest, key = 'leak'): Promise<Started> =>
      startBulk(world().ctx('operator'), { by: BY, key, request }),
    preview: (request: BulkRequest): Promise<Started> => previewBulk(world().ctx('operator'), request),
    async progress(id: string): Promise<BulkProgress> {
      const read = await readBulk(world().ctx('operator'), id);
      if (read.kind === 'problem') throw new Error(read.problem.detail);
      return read.progress;
    },
    async tick(): Promise<void> {
      await world().settled();
      world().pass(61_000);
      await reconcile(world().ctx('reconciler'), SETTINGS, { page: 200, concurrency: 4 });
      await world().settled();
    },
  };
}
