import type { KeyView, QueueView, SecretView, StateView } from '../view.ts';
import { call } from './api.ts';
import { credentialRow } from './credentials.ts';
import { dateOf, h, show } from './dom.ts';
import { badge, button, facts, row } from './rows.ts';

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
    label: 'Keys',
    count: ({ keys }) => String(keys.alive),
    draw: (container, { keys }) => {
      note(container, `In Confluent: ${keys.alive} alive, ${keys.deleted} deleted`);
      show(list(container), keys.latest, ({ id }) => id, keyRow);
    },
  },
  {
    id: 'secrets',
    label: 'Secrets',
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
    label: 'Events',
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
