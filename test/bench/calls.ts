import { startCallsRig } from '../azure/calls/rig.ts';

export interface Calls {
  readonly request: string;
  /** A line for each, in the order in which they began. */
  readonly calls: readonly string[];
}

/** Writes down what a vend asks all services for, handshakes included. From then on this process reaches none but emulators. */
export async function measureCalls(): Promise<Calls[]> {
  const rig = await startCallsRig();
  try {
    // Tokens and connections are there afterwards.
    await rig.vend('first');
    return [{ request: 'vend', calls: await rig.callsOf(() => rig.vend('vend')) }];
  } finally {
    await rig.close();
  }
}
