import type { VendSettings } from '../policy/policy.ts';
import { inSpan } from '../ports/telemetry.ts';
import type { Context } from '../saga/context.ts';
import { type EndOverlapCommand, endOverlapNow, previewEndOverlap } from './end-overlap.ts';
import { type Outcome, outcomeClassOf, spanOfOutcome } from './outcome.ts';
import type { RotateCommand } from './plan-rotate.ts';
import type { VendCommand } from './plan-vend.ts';
import { previewRevoke, type RevokeCommand, revoke } from './revoke.ts';
import { previewRotate, rotate } from './rotate.ts';
import { previewVend, vend } from './vend.ts';

interface Trial {
  readonly validateOnly: boolean;
}

/** A request, whatever its transport. */
export type Command =
  | ({ readonly operation: 'vend' } & VendCommand & Trial)
  | ({ readonly operation: 'rotate' } & RotateCommand & Trial)
  | ({ readonly operation: 'revoke' } & RevokeCommand & Trial)
  | ({ readonly operation: 'end-overlap' } & EndOverlapCommand & Trial);

export async function executeCommand(ctx: Context, settings: VendSettings, command: Command): Promise<Outcome> {
  const { operation } = command;
  const outcome = await inSpan(ctx, operation, {}, () => execute(ctx, settings, command), spanOfOutcome);
  ctx.telemetry?.measure('vending.outcomes', 1, { operation, outcome: outcomeClassOf(outcome) });
  return outcome;
}

function execute(ctx: Context, settings: VendSettings, command: Command): Promise<Outcome> {
  switch (command.operation) {
    case 'vend':
      return (command.validateOnly ? previewVend : vend)(ctx, settings, command);
    case 'rotate':
      return (command.validateOnly ? previewRotate : rotate)(ctx, settings, command);
    case 'revoke':
      return (command.validateOnly ? previewRevoke : revoke)(ctx, settings, command);
    case 'end-overlap':
      return (command.validateOnly ? previewEndOverlap : endOverlapNow)(ctx, settings, command);
  }
}
