import type { PreviewOutcome } from './answers/preview.ts';
import { outcomeClassOf, spanOfOutcome } from './outcome-class.ts';
import { inSpan } from './ports/in-span.ts';
import { previewRevoke, type RevokeCommand, type RevokeOutcome, revoke } from './revoke.ts';
import { previewRotate, rotate } from './rotate.ts';
import type { RotateCommand } from './rotation.ts';
import type { VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
import { previewVend, type VendCommand, type VendSettings, vend } from './vend.ts';

/** What somebody asks for, whatever the transport. */
export type Command =
  | ({ readonly operation: 'vend' } & VendCommand)
  | ({ readonly operation: 'revoke'; readonly validateOnly: boolean } & RevokeCommand)
  | ({ readonly operation: 'rotate'; readonly validateOnly: boolean } & RotateCommand);

export type Outcome = VendOutcome | RevokeOutcome | PreviewOutcome;

export async function perform(ports: SagaPorts, settings: VendSettings, command: Command): Promise<Outcome> {
  const { operation } = command;
  const outcome = await inSpan(ports, operation, {}, () => carryOut(ports, settings, command), spanOfOutcome);
  ports.telemetry?.measure('vending.outcomes', 1, { operation, outcome: outcomeClassOf(outcome) });
  return outcome;
}

async function carryOut(ports: SagaPorts, settings: VendSettings, command: Command): Promise<Outcome> {
  switch (command.operation) {
    case 'vend':
      return command.request.validateOnly === true
        ? previewVend(ports, settings, command)
        : vend(ports, settings, command);
    case 'revoke':
      return command.validateOnly ? previewRevoke(ports, command) : revoke(ports, command);
    case 'rotate':
      return command.validateOnly ? previewRotate(ports, settings, command) : rotate(ports, settings, command);
  }
}
