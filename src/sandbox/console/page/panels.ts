import type { CredentialView, KeyView, QueueView, SecretView, StateView } from '../view.ts';
import { call } from './api.ts';
import { dateOf, h, show } from './dom.ts';
import { askAndShow } from './forms.ts';

const REVEAL_MS = 15_000;

interface Panel {
  readonly id: string;
  readonly label: string;
  count(state: StateView): string;
  draw(container: HTMLElement, state: StateView): void;
}

export const PANELS: readonly Panel[] = [
  {
    id: 'credentials',
    label: 'Credentials',
    count: ({ credentials }) => String(credentials.total),
    draw: (container, { credentials }) => {
      const counts = Object.entries(credentials.byStatus).map(([status, count]) => `${count} ${status}`);
      note(container, counts.join(', ') || 'There is none yet. Vend a key.');
      show(list(container), credentials.latest, ({ id }) => id, credentialRow);
    },
  },
  {
    id: 'keys',
    label: 'Keys in Confluent',
    count: ({ keys }) => String(keys.alive),
    draw: (container, { keys }) => {
      note(container, `${keys.alive} alive, ${keys.deleted} deleted`);
      show(list(container), keys.latest, ({ id }) => id, keyRow);
    },
  },
  {
    id: 'secrets',
    label: 'Vault',
    count: ({ secrets }) => String(secrets.total),
    draw: (container, { secrets }) => {
      note(container, 'These secrets are worth nothing outside this sandbox.');
      show(list(container), secrets.latest, ({ vault, name }) => `${vault}/${name}`, secretRow);
    },
  },
  {
    id: 'queues',
    label: 'Queues',
    count: ({ queues }) => String(queues.reduce((sum, { messages, deadLetters }) => sum + messages + deadLetters, 0)),
    draw: (container, { queues }) => {
      note(container, 'Answers stay here until somebody receives them.');
      show(list(container), queues, ({ name }) => name, queueRow);
    },
  },
  {
    id: 'events',
    label: 'Events out',
    count: ({ events }) => String(events.total),
    draw: (container, { events }) => {
      note(container, 'CloudEvents that the function published to its Event Grid topic.');
      show(
        list(container),
        events.latest,
        ({ id }) => id,
        ({ type, time, subject }) =>
          row(h('b', {}, type.split('.').slice(-2).join('.')), facts({ time: dateOf(time), subject })),
      );
    },
  },
];

/** The part of the panel that says how many there are. */
function note(container: HTMLElement, text: string): void {
  const existing = container.querySelector(':scope > .hint') ?? container.appendChild(h('p', { class: 'hint' }));
  if (existing.textContent !== text) existing.textContent = text;
}

const list = (container: HTMLElement): HTMLElement =>
  container.querySelector<HTMLElement>(':scope > .rows') ?? container.appendChild(h('div', { class: 'rows' }));

const row = (...children: readonly (Node | string | undefined | false)[]): HTMLElement =>
  h('article', { class: 'row-card' }, ...children);

function facts(all: Readonly<Record<string, string | undefined | false>>): HTMLElement {
  const known = Object.entries(all).filter(([, value]) => value);
  return h('dl', {}, ...known.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value || ''))));
}

const badge = (word: string): HTMLElement => h('span', { class: `badge is-${word}` }, word);

const button = (action: string, label: string, click: () => void): HTMLElement =>
  h('button', { type: 'button', 'data-action': action, click }, label);

function credentialRow(credential: CredentialView): HTMLElement {
  const { id, status, name, caller, cluster, createdAt, keyId, expiresOn, rotateAt, previous, work, problem } =
    credential;
  return row(
    h('header', {}, badge(status), h('b', {}, name), h('code', { class: 'id', title: id }, `${id.slice(0, 8)}…`)),
    facts({
      caller: caller.replace(/entra:[^:]*:/, 'entra:…:'),
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

const keyRow = ({ id, name, description, cluster, deleted }: KeyView): HTMLElement =>
  row(
    h('header', {}, badge(deleted ? 'deleted' : 'alive'), h('code', {}, id), h('b', {}, name)),
    facts({ cluster, description }),
  );

function secretRow({ vault, name, versions }: SecretView): HTMLElement {
  const value = h('code', { class: 'secret' }, '•'.repeat(12));
  const current = versions.at(-1);
  return row(
    h('header', {}, h('b', { class: 'long' }, name)),
    facts({
      vault,
      versions: versions
        .map(({ enabled, version }) => `${version.slice(0, 6)}… ${enabled ? 'enabled' : 'disabled'}`)
        .join(', '),
      key: current?.keyId,
      expires: current?.expiresOn ? dateOf(current.expiresOn) : undefined,
      value: current && `${current.length} characters`,
    }),
    h(
      'footer',
      {},
      value,
      button('reveal', 'Reveal', () => void reveal(vault, name, value)),
    ),
  );
}

/** For a quarter of a minute. */
async function reveal(vault: string, name: string, into: HTMLElement): Promise<void> {
  const { body } = await call('GET', `/vault/secrets/${encodeURIComponent(name)}?vault=${encodeURIComponent(vault)}`);
  const versions = (body as { versions?: { value: string }[] }).versions ?? [];
  into.textContent = versions.at(-1)?.value ?? '';
  setTimeout(() => {
    into.textContent = '•'.repeat(12);
  }, REVEAL_MS);
}

function queueRow({ name, messages, deadLetters, latest, latestDead }: QueueView): HTMLElement {
  const shown = [...latest, ...latestDead];
  return row(
    h('header', {}, h('b', {}, name), badge(`${messages} waiting`), deadLetters > 0 && badge(`${deadLetters} dead`)),
    ...shown.map(({ messageId, subject, state, deliveryCount, deadLetterReason, body }) =>
      h(
        'details',
        {},
        h('summary', {}, [subject ?? 'message', messageId ?? ''].join(' ')),
        facts({ state, deliveries: String(deliveryCount), 'dead letter': deadLetterReason }),
        h('pre', {}, body),
      ),
    ),
  );
}
