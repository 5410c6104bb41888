import type { StateView } from '../view.ts';
import { call, sentenceOf } from './api.ts';
import { byId, h } from './dom.ts';

const MOVES = [
  ['PT10M', '+10 min'],
  ['P1D', '+1 day'],
  ['P30D', '+30 days'],
] as const;

interface Preset {
  readonly label: string;
  readonly rule: object;
}

const refusal = (code: string): object => ({ error: { code, message: 'Armed in the console.' } });

const PRESETS: readonly Preset[] = [
  {
    label: 'Cut the connection after the mint',
    rule: { service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'after' } },
  },
  {
    label: 'Cut the connection before the mint',
    rule: { service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'before' } },
  },
  {
    label: 'ARM throttles two mints',
    rule: {
      service: 'arm',
      operation: 'createApiKey',
      times: 2,
      fault: { status: 429, headers: { 'retry-after': '5' } },
    },
  },
  {
    label: 'Confluent takes five seconds',
    rule: { service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 5_000 } },
  },
  {
    label: 'A lock forbids deletions',
    rule: { service: 'arm', operation: 'deleteApiKey', fault: { status: 409, body: refusal('ScopeLocked') } },
  },
  {
    label: 'Key Vault refuses the secret',
    rule: { service: 'vault', operation: 'setSecret', times: 1, fault: { status: 403, body: refusal('Forbidden') } },
  },
  {
    label: 'Key Vault stores, and does not answer',
    rule: { service: 'vault', operation: 'setSecret', times: 1, fault: { drop: 'after' } },
  },
  {
    label: 'The ledger commits, and does not answer',
    rule: { service: 'table', operation: 'batch', times: 1, fault: { drop: 'after' } },
  },
  {
    label: 'Service Bus is busy for three sends',
    rule: { service: 'bus', operation: 'send', times: 3, fault: { condition: 'com.microsoft:server-busy' } },
  },
];

export function setUpControls(): void {
  const clock = h('span', { class: 'now', id: 'now' });
  const buttons = MOVES.map(([advance, label]) =>
    h('button', { type: 'button', click: () => void move(advance), 'aria-label': `Move the clock ${label}` }, label),
  );
  byId('clock').append(clock, ...buttons);

  const armed = h('ul', { id: 'armed', class: 'armed' });
  const trouble = h('p', { class: 'hint', role: 'status' });
  const choice = h(
    'select',
    { 'aria-label': 'Fault' },
    ...PRESETS.map(({ label }, at) => h('option', { value: String(at) }, label)),
  );
  const arm = async (): Promise<void> => {
    const { rule } = PRESETS[Number(choice.value)] ?? {};
    const answer = await call('POST', '/faults', rule);
    trouble.textContent = answer.status === 201 ? 'Armed. It strikes at the next such call.' : sentenceOf(answer);
  };
  byId('faults').append(
    h(
      'form',
      {
        class: 'row',
        submit: (event) => {
          event.preventDefault();
          void arm();
        },
      },
      choice,
      h('button', { type: 'submit' }, 'Arm'),
    ),
    trouble,
    armed,
    h(
      'button',
      { type: 'button', id: 'clear-faults', hidden: true, click: () => void call('DELETE', '/faults') },
      'Clear all faults',
    ),
    h(
      'button',
      { type: 'button', id: 'restart', click: () => void restart(trouble) },
      'Kill the function, and start it again',
    ),
  );
}

const move = (advance: string): Promise<unknown> => call('POST', '/clock', { advance });

async function restart(trouble: HTMLElement): Promise<void> {
  trouble.textContent = 'Killed. It starts again …';
  const answer = await call('POST', '/console/restart');
  trouble.textContent = answer.status === 204 ? 'The function runs again.' : sentenceOf(answer);
}

export function showControls({ now, aheadSeconds, functionUrl, faults }: StateView): void {
  const ahead = aheadSeconds === 0 ? '' : ` (${aheadWords(aheadSeconds)} ahead)`;
  byId('now').textContent = `${now.slice(0, 16).replace('T', ' ')} UTC${ahead}`;
  const health = byId('health');
  health.className = `health ${functionUrl === undefined ? 'is-bad' : 'is-good'}`;
  health.textContent = functionUrl === undefined ? 'The function does not run' : `Function on ${functionUrl}`;
  byId('armed').replaceChildren(...faults.map((fault) => h('li', {}, h('code', {}, readable(fault)))));
  byId('clear-faults').hidden = faults.length === 0;
}

export function showLost(): void {
  const health = byId('health');
  health.className = 'health is-bad';
  health.textContent = 'The sandbox does not answer. Waiting for it …';
}

const readable = (rule: string): string => {
  const preset = PRESETS.find((each) => JSON.stringify(each.rule) === rule);
  return preset?.label ?? rule;
};

function aheadWords(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  return days >= 1 ? `${days} d` : `${Math.round(seconds / 60)} min`;
}
