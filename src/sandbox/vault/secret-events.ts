import type { SandboxClock } from '../clock/clock.ts';
import { currentVersion, type SecretStore, type SecretVersion, type StoredSecret } from './secret-store.ts';

/** A change of a version, as Key Vault publishes it to Event Grid. */
export interface SecretEvent {
  readonly kind: 'NewVersionCreated' | 'NearExpiry' | 'Expired';
  readonly vault: string;
  readonly name: string;
  readonly version: SecretVersion;
  /** When it happened, in ms since the epoch. If the clock was moved past it, it is published later. */
  readonly at: number;
}

/** Source: https://learn.microsoft.com/azure/event-grid/event-schema-key-vault ("30 days before the expiration date"). */
const NEAR_EXPIRY_MS = 30 * 86_400_000;

export interface SecretWatch {
  /** Tells what is due of a secret that was changed, and waits for what will be. */
  look(name: string): void;
  close(): void;
}

/**
 * Tells the events of one vault's secrets, each once and those of a move in the order of their times. Near its expiry is
 * only a secret's current version; every version expires, superseded or disabled ones too.
 */
export function watchSecrets(
  vault: string,
  store: SecretStore,
  clock: Pick<SandboxClock, 'now' | 'at'>,
  tell: (event: SecretEvent) => void,
): SecretWatch {
  const told = new Set<string>();
  /** Names of the secrets to which time may still bring something. */
  let open: ReadonlySet<string> = new Set();
  let forget: () => void = () => undefined;
  const untoldOf = (name: string): SecretEvent[] => {
    const secret = store.find(name);
    return secret === undefined ? [] : momentsOf(vault, secret).filter((event) => !told.has(keyOf(event)));
  };
  const look = (): void => {
    forget();
    const now = clock.now();
    const untold = [...open].flatMap(untoldOf).sort(byTime);
    for (const event of untold.filter(({ at }) => at <= now)) {
      told.add(keyOf(event));
      tell(event);
    }
    const coming = untold.filter(({ at }) => at > now);
    open = new Set(coming.map(({ name }) => name));
    const [next] = coming;
    forget = next === undefined ? () => undefined : clock.at(next.at, look);
  };
  return {
    look: (name) => {
      open = new Set([...open, name]);
      look();
    },
    close: () => forget(),
  };
}

/** Everything that time and its making bring to a secret as it stands. */
function momentsOf(vault: string, secret: StoredSecret): SecretEvent[] {
  return secret.versions.flatMap((version): SecretEvent[] => {
    const created = version.created * 1000;
    const moment = (kind: SecretEvent['kind'], at: number): SecretEvent => ({
      ...{ kind, vault, name: secret.name, version },
      at: Math.max(at, created),
    });
    if (version.exp === undefined) return [moment('NewVersionCreated', created)];
    const expiry = version.exp * 1000;
    const near = version === currentVersion(secret) ? [moment('NearExpiry', expiry - NEAR_EXPIRY_MS)] : [];
    return [moment('NewVersionCreated', created), ...near, moment('Expired', expiry)];
  });
}

/** A changed expiry is published again. */
const keyOf = ({ kind, name, version }: SecretEvent): string =>
  [kind, name, version.version, ...(kind === 'NewVersionCreated' ? [] : [version.exp])].join(' ');

const byTime = (a: SecretEvent, b: SecretEvent): number => a.at - b.at;
