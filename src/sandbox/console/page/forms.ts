import { type Answer, askFunction, call, type FunctionRequest, sentenceOf } from './api.ts';
import { byId, h } from './dom.ts';

const ENVIRONMENT = 'env-12132';
const WAYS = [
  ['portal', 'HTTP, as the portal'],
  ['payments', 'HTTP, as the payments team'],
  ['queue', 'a message to vend-requests'],
] as const;

let asked = 0;
const session = Math.random().toString(36).slice(2, 6);

export function setUpForms(): void {
  byId('vend').append(vendForm());
  byId('message').append(messageForm());
}

function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  return h('label', { class: 'field' }, h('span', {}, label), control, hint !== undefined && h('small', {}, hint));
}

const select = (name: string, options: readonly (readonly [value: string, label: string])[]): HTMLSelectElement =>
  h('select', { name }, ...options.map(([value, label]) => h('option', { value }, label)));

function vendForm(): HTMLElement {
  const name = h('input', { name: 'name', value: 'orders', required: true, maxlength: '64', autocomplete: 'off' });
  const cluster = select('cluster', [
    ['clusterId-123', 'clusterId-123'],
    ['lkc-1126wj', 'lkc-1126wj'],
  ]);
  const way = select('way', WAYS);
  const validity = select('validFor', [
    ['', 'as policy says'],
    ['P7D', '7 days'],
    ['P60D', '60 days'],
  ]);
  const key = h('input', { name: 'key', value: nextKey(), required: true, maxlength: '128', autocomplete: 'off' });
  const answer = h('output', { class: 'answer' });
  const send = async (): Promise<void> => {
    const request = {
      ...{ environmentId: ENVIRONMENT, clusterId: cluster.value, name: name.value },
      ...(validity.value !== '' && { validFor: validity.value }),
    };
    await submit(way.value, request, key.value, answer);
  };
  const form = h(
    'form',
    {
      submit: (event) => {
        event.preventDefault();
        void send().then(() => {
          key.value = nextKey();
        });
      },
    },
    h('button', { class: 'primary', type: 'submit', id: 'vend-button' }, 'Vend a key'),
    h(
      'details',
      { class: 'more' },
      h('summary', {}, 'What to ask for'),
      field('Name', name),
      field('Cluster', cluster),
      field('Secret is valid for', validity),
      field('Ask by', way, 'The payments team may use lkc-1126wj alone.'),
      field('Idempotency key', key, 'The same key again is the same request.'),
    ),
    h('a', { class: 'to-happens', href: '#happens' }, 'See what happens'),
    answer,
  );
  return form;
}

const nextKey = (): string => {
  asked++;
  return `console-${session}-${asked}`;
};

async function submit(way: string, body: object, key: string, answer: HTMLElement): Promise<void> {
  answer.replaceChildren(h('p', { class: 'hint' }, 'Asking …'));
  if (way === 'queue') {
    const sent = await call('POST', '/queues/vend-requests', { messageId: key, body });
    answer.replaceChildren(outcome(sent.status === 201, 'Sent. The answer comes to the queue vend-results.', sent));
    return;
  }
  const as = way === 'payments' ? 'payments' : 'portal';
  const reply = await askFunction({ method: 'POST', path: '/api/v1/credentials', as, body, idempotencyKey: key });
  answer.replaceChildren(
    outcome(reply.status < 300, reply.status === 200 ? 'This key is known: the same credential.' : 'Vended.', reply),
    h(
      'button',
      { type: 'button', class: 'quiet', click: () => void submit(way, body, key, answer) },
      'Send the same request again',
    ),
  );
}

/** What came back, in a sentence and in full. */
export function outcome(isGood: boolean, words: string, answer: Answer): HTMLElement {
  const sentence = isGood ? words : sentenceOf(answer);
  return h(
    'div',
    { class: isGood ? 'is-good' : 'is-bad' },
    h('p', {}, h('b', {}, answer.status === 0 ? 'No answer' : String(answer.status)), ` ${sentence}`),
    h('details', {}, h('summary', {}, 'The whole answer'), h('pre', {}, JSON.stringify(answer.body, null, 2))),
  );
}

function messageForm(): HTMLElement {
  const queue = select(
    'queue',
    ['vend-requests', 'vend-events'].map((name) => [name, name] as const),
  );
  const body = h('textarea', { name: 'body', rows: '5', spellcheck: 'false' });
  body.value = JSON.stringify({ environmentId: ENVIRONMENT, clusterId: 'clusterId-123', name: 'by queue' }, null, 1);
  const answer = h('output', { class: 'answer' });
  const send = async (): Promise<void> => {
    const sent = await call('POST', `/queues/${queue.value}`, { messageId: nextKey(), body: body.value });
    answer.replaceChildren(outcome(sent.status === 201, 'Sent.', sent));
  };
  return h(
    'details',
    { class: 'more' },
    h('summary', {}, 'Any body, to a queue'),
    h(
      'form',
      {
        submit: (event) => {
          event.preventDefault();
          void send();
        },
      },
      field('Queue', queue),
      field('Body', body, 'It is sent as it is, even if it is no JSON.'),
      h('button', { type: 'submit' }, 'Send'),
      answer,
    ),
  );
}

/** Asks, and shows the outcome in the dialog of the page. */
export async function askAndShow(title: string, request: FunctionRequest): Promise<void> {
  const answer = await askFunction(request);
  const dialog = h(
    'dialog',
    { 'aria-label': title, close: () => dialog.remove() },
    h('h2', {}, title),
    outcome(answer.status < 300, 'Done.', answer),
    h('form', { method: 'dialog' }, h('button', { class: 'primary', autofocus: true }, 'Close')),
  );
  document.body.append(dialog);
  dialog.showModal();
}
