import type { Controlled } from '../azure/controlled.ts';
import { SCENARIOS } from '../scenarios/index.ts';
import type { Narrator } from '../scenarios/narrator.ts';
import type { ScenarioEntry, ScenarioRun } from './view.ts';

/** Runs one scenario at a time, and keeps what the last one showed. */
export class ScenarioRunner {
  readonly #controlled: Controlled;
  readonly #onChange: () => void;
  #run: ScenarioRun | undefined;

  constructor(controlled: Controlled, onChange: () => void) {
    this.#controlled = controlled;
    this.#onChange = onChange;
  }

  run(): ScenarioRun | undefined {
    return this.#run;
  }

  /** Resolves at once: the page follows the run by the stream. */
  start(name: string): 'started' | 'unknown' | 'busy' {
    const scenario = SCENARIOS.find((each) => each.name === name);
    if (scenario === undefined) return 'unknown';
    if (this.#run?.state === 'running') return 'busy';
    this.#change({ name, state: 'running', entries: [] });
    void scenario.run({ ...this.#controlled, narrator: this.#narrator() }).then(
      () => this.#end({ state: 'done' }),
      (error: unknown) => this.#end({ state: 'failed', error: error instanceof Error ? error.message : String(error) }),
    );
    return 'started';
  }

  #narrator(): Narrator {
    return {
      heading: (text) => this.#add({ kind: 'heading', text }),
      say: (text) => this.#add({ kind: 'say', text }),
      show: (text, value) => this.#add({ kind: 'show', text, json: jsonOf(value) }),
    };
  }

  #add(entry: ScenarioEntry): void {
    if (this.#run !== undefined) this.#change({ ...this.#run, entries: [...this.#run.entries, entry] });
  }

  #end(end: Pick<ScenarioRun, 'state' | 'error'>): void {
    if (this.#run !== undefined) this.#change({ ...this.#run, ...end });
  }

  #change(run: ScenarioRun): void {
    this.#run = run;
    this.#onChange();
  }
}

/** An array has a line for each item. */
const jsonOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.map((item) => JSON.stringify(item)).join('\n') || 'none'
    : JSON.stringify(value, null, 1);
