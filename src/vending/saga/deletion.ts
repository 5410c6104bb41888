import { readMarker } from '../model/idempotency.ts';
import type { Target } from '../model/target.ts';
import { ABSENCE_PROVES_MS, PROPAGATION_MS } from '../model/timings.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { Context } from './context.ts';

export interface KeyToDelete {
  /** Of the credential. */
  readonly id: string;
  readonly target: Target;
  readonly keyId: string;
  /** The key is not younger than this time. */
  readonly mintedBefore: number;
  /** This worker got the key as the answer to its own POST. */
  readonly isOwn?: boolean;
}

/**
 * - `refused`: Confluent does not delete the key, and shows it alive.
 * - `foreign`: the key has no marker of this credential, so it is not ours to delete.
 */
export type DeletionResult =
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused' | 'unproven'; readonly upstream: UpstreamTrace }
  | { readonly kind: 'foreign' };

/**
 * Deletes a key, and says what is proven. Table rows and tags can be forged, descriptions in Confluent cannot: without our
 * marker there is no DELETE.
 *
 * While the key is young, Confluent may not know it yet everywhere, so a 404 or 204 proves nothing. A 403 never does.
 */
export async function deleteKey(ctx: Context, key: KeyToDelete): Promise<DeletionResult> {
  const { confluent } = ctx;
  const { target, keyId } = key;
  if (key.isOwn !== true) {
    const looked = await confluent.getKey(target, keyId);
    if (looked.kind !== 'found') return looked.kind === 'absent' ? absent(ctx, key, looked.upstream) : unproven(looked);
    if (readMarker(looked.key.spec.description)?.id !== key.id) return { kind: 'foreign' };
  }
  const deleted = await confluent.deleteKey(target, keyId);
  switch (deleted.kind) {
    case 'deleted':
      return { kind: 'gone' };
    case 'absent':
      return absent(ctx, key, deleted.upstream);
    case 'unclear':
      return unproven(deleted);
    case 'forbidden':
    case 'refused': {
      const looked = await confluent.getKey(target, keyId);
      if (looked.kind === 'absent') return absent(ctx, key, looked.upstream);
      return looked.kind === 'found' ? { kind: 'refused', upstream: deleted.upstream } : unproven(looked);
    }
  }
}

function absent({ clock }: Context, { mintedBefore, isOwn }: KeyToDelete, upstream: UpstreamTrace): DeletionResult {
  const age = isOwn === true ? PROPAGATION_MS : ABSENCE_PROVES_MS;
  return clock.now() >= mintedBefore + age ? { kind: 'gone' } : { kind: 'unproven', upstream };
}

const unproven = ({ upstream }: { readonly upstream: UpstreamTrace }): DeletionResult => ({
  kind: 'unproven',
  upstream,
});
