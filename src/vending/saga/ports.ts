import type { Audit } from '../model/audit.ts';
import type { Timings } from '../model/timings.ts';
import type { Afterwards } from '../ports/background-tasks.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { ConfluentKeys } from '../ports/confluent.ts';
import type { EventPublisher } from '../ports/event-publisher.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { RotationRequests } from '../ports/rotation-requests.ts';
import type { SecretVault } from '../ports/secret-vault.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** Every effect of the saga that lasts as long as the process. */
export interface SagaEffects {
  readonly confluent: ConfluentKeys;
  readonly vault: SecretVault;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timings: Timings;
  readonly rotations: RotationRequests;
  readonly afterwards: Afterwards;
  /** Absent: nobody is told. */
  readonly events?: EventPublisher;
  /** Absent: nothing is measured. */
  readonly telemetry?: Telemetry;
}

/** The same for one request, whose records carry the invocation's id. */
export interface SagaPorts extends SagaEffects {
  readonly log: Log;
  readonly audit: Audit;
  /** Who acts, for the audit trail. */
  readonly actor: string;
}
