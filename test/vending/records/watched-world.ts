import { operatorViewOf } from '../../../src/vending/answers/credential.ts';
import type { Context } from '../../../src/vending/saga/context.ts';
import { instrumented } from '../../../src/vending/saga/instrumented.ts';
import { RecordedTelemetry } from '../recorded-telemetry.ts';
import { ID, REQUEST, SETTINGS } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';

const { environmentId, clusterId } = REQUEST;
const TARGET = JSON.stringify({ ...SETTINGS.targetDefaults, environmentId, clusterId });

/** What every line has in common, in short. */
const short = (text: string): string =>
  text.replaceAll(TARGET, 'TARGET').replaceAll(ID, 'ID').replaceAll(VAULT, 'VAULT');
const textOf = (value: unknown): string => short(JSON.stringify(value) ?? 'nothing');

/** Keeps all that others read of what happens. */
export class WatchedWorld extends World {
  #telemetry = new RecordedTelemetry();

  override ctx(actor?: Parameters<World['ctx']>[0]): Context {
    const ctx = super.ctx(actor);
    return { ...ctx, ...instrumented(ctx, this.#telemetry) };
  }

  /** What has happened so far is of no interest. */
  forget(): void {
    this.#telemetry = new RecordedTelemetry();
    [this.logs, this.audit, this.published] = [[], [], []];
  }

  /** A line for each log line, audit record, event, rotation that was asked for, span and measurement; the row that is left, and what an operator sees of it. */
  records(): readonly string[] {
    const { spans, measurements } = this.#telemetry;
    return [
      ...this.logs.map(({ level, event, ...fields }) => `log ${level} ${event} ${textOf(fields)}`),
      ...this.audit.map((record) => `audit ${textOf(record)}`),
      ...this.published.map((event) => `event ${textOf(event)}`),
      ...this.rotationsAsked.map((asked) => `rotation asked ${textOf(asked)}`),
      ...spans.map(({ name, attributes }) => `span ${name} ${textOf(attributes)}`),
      ...measurements.map(
        ({ instrument, value, dimensions }) => `measure ${instrument} ${value} ${textOf(dimensions)}`,
      ),
      ...this.ledger.all('credential').flatMap((row) => [`row ${textOf(row)}`, `view ${textOf(operatorViewOf(row))}`]),
    ];
  }
}

/** What a caller or operator is answered. A credential is among the rows. */
export function answerText(answer: unknown): string {
  const withoutRow = (key: string, value: unknown): unknown => (key === 'credential' ? undefined : value);
  return `answer ${short(JSON.stringify(answer, withoutRow) ?? 'nothing')}`;
}
