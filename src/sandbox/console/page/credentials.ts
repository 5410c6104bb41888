import type { CredentialView } from '../view.ts';
import { call } from './api.ts';
import { dateOf, h } from './dom.ts';
import { askAndShow } from './forms.ts';
import { badge, button, facts, row } from './rows.ts';

export function credentialRow(credential: CredentialView): HTMLElement {
  const { id, status, name, caller, cluster, createdAt, keyId, expiresOn, rotateAt, previous, work, problem } =
    credential;
  return row(
    h('header', {}, badge(status), h('b', {}, name), h('code', { class: 'id', title: id }, `${id.slice(0, 8)}…`)),
    facts({
      caller,
      cluster,
      key: keyId,
      created: dateOf(createdAt),
      expires: expiresOn && dateOf(expiresOn),
      'rotates by itself': rotateAt && dateOf(rotateAt),
      'previous key': previous && `${previous.keyId}, until ${dateOf(previous.revokeAt)}`,
      attempt: work && `${work.purpose}: ${work.phase}`,
      problem: problem && status !== 'vended' && problem,
    }),
    h('footer', {}, ...actionsOf(credential)),
  );
}

function actionsOf({ id, status, previous, work, keyId }: CredentialView): HTMLElement[] {
  const path = `/api/v1/credentials/${id}`;
  const actions: HTMLElement[] = [];
  const as = 'operator';
  if (status === 'vended' && previous === undefined && work === undefined) {
    const idempotencyKey = `rotate-${Date.now()}`;
    actions.push(
      button(
        'rotate',
        'Rotate',
        () => void askAndShow('Rotate', { method: 'POST', path: `${path}/rotate`, as, idempotencyKey, body: {} }),
      ),
    );
  }
  if (previous !== undefined) {
    const body = { apiKeyId: previous.keyId };
    actions.push(
      button(
        'end-overlap',
        'End the overlap',
        () => void askAndShow('End the overlap', { method: 'POST', path: `${path}/end-overlap`, as, body }),
      ),
    );
  }
  if (work?.phase === 'unknown') actions.push(button('resolve', 'Resolve', () => void resolve(id, work.marker)));
  if (status !== 'revoked' && (keyId !== undefined || status === 'unknown')) {
    actions.push(button('revoke', 'Revoke', () => void askAndShow('Revoke', { method: 'DELETE', path, as })));
  }
  return actions;
}

/** As an operator does it: looks for the key by the marker of the attempt, and says what was found. */
async function resolve(id: string, marker: string): Promise<void> {
  const { body } = await call('GET', '/arm/keys');
  const keys = Array.isArray(body) ? (body as { id: string; description: string; deleted: boolean }[]) : [];
  const found = keys.find(({ description, deleted }) => !deleted && description.endsWith(marker));
  await askAndShow(
    found === undefined ? 'Resolve: no key has the marker' : `Resolve: the key ${found.id} has the marker`,
    {
      ...{ method: 'POST', path: `/api/v1/operations/credentials/${id}/resolve`, as: 'operator' },
      body: found === undefined ? { decision: 'none' } : { decision: 'key', apiKeyId: found.id },
    },
  );
}
