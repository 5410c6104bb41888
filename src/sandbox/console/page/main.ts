import type { ActivityEvent } from '../../activity/types.ts';
import type { Hello, ScenarioRun, StateView } from '../view.ts';
import { setUpControls, showControls, showLost } from './controls.ts';
import { byId, h } from './dom.ts';
import { setUpForms } from './forms.ts';
import { apply, reset, showQuiet } from './invocations.ts';
import { setUpScenarios, showRun } from './scenarios.ts';
import { addLine, setLines, setUpTabs, showState } from './tabs.ts';

setUpForms();
setUpControls();
setUpTabs();
byId('happens').append(
  h(
    'p',
    { class: 'empty' },
    'Nothing has happened yet. Press “Vend a key”, and watch each call that the function makes.',
  ),
  h('p', { class: 'hint', id: 'quiet' }),
);

const stream = new EventSource('/console/stream');

/** @throws SyntaxError for what the sandbox does not send */
const on = <T>(event: string, take: (data: T) => void): void =>
  stream.addEventListener(event, ({ data }: MessageEvent<string>) => take(JSON.parse(data) as T));

on<Hello>('hello', ({ scenarios, run, invocations, quiet, lines }) => {
  setUpScenarios(scenarios);
  showRun(run);
  reset(invocations);
  showQuiet(quiet);
  setLines(lines);
});
on<readonly ActivityEvent[]>('activity', (events) => {
  for (const event of events) {
    apply(event);
    if (event.event === 'log') addLine(event.line);
  }
});
on<StateView>('state', (state) => {
  showControls(state);
  showState(state);
});
on<ScenarioRun>('scenario', showRun);
stream.addEventListener('error', showLost);
