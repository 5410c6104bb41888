import type { Audit } from '../model/audit.ts';
import type { Timings } from '../model/timings.ts';
import type { Party } from '../model/transitions.ts';
import type { ConfluentKeys } from '../ports/confluent.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { EventPublisher, RotationRequests } from '../ports/messaging.ts';
import type { BackgroundTasks, Ids, InvocationClock } from '../ports/runtime.ts';
import type { SecretVault } from '../ports/secret-vault.ts';
import type { Log, Telemetry } from '../ports/telemetry.ts';
import type { Outbox } from './outbox.ts';

/** Every effect that lasts as long as the process. */
export interface Effects {
  readonly confluent: ConfluentKeys;
  readonly vault: SecretVault;
  readonly ledger: Ledger;
  readonly clock: InvocationClock;
  readonly ids: Ids;
  readonly timings: Timings;
  readonly rotations: RotationRequests;
  readonly backgroundTasks: BackgroundTasks;
  readonly outbox: Outbox;
  /** Absent: no events are published. */
  readonly events?: EventPublisher;
  /** Absent: nothing is measured. */
  readonly telemetry?: Telemetry;
}

/** The same for one invocation, whose log records carry its id. */
export interface Context extends Effects {
  readonly log: Log;
  readonly audit: Audit;
  readonly actor: Actor;
}

export interface Actor {
  readonly party: Party;
  /** In the audit trail: `worker`, `reconciler`, or `operator:` and the operator's caller id. */
  readonly name: string;
}
