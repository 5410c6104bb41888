import { once } from 'node:events';
import type { Delivery, EventContext, Receiver } from 'rhea';
import { expect, it } from 'vitest';
import { useRawClient } from './raw-client.ts';
import { useBroker } from './rig.ts';

const rig = useBroker({ name: 'q' });
const raw = useRawClient(rig);

const text = (value: string): Buffer => Buffer.concat([Buffer.from([0xa1, value.length]), Buffer.from(value)]);
const symbol = (value: string): Buffer => Buffer.concat([Buffer.from([0xa3, value.length]), Buffer.from(value)]);
const section = (code: number, ...value: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([0x00, 0x53, code]), ...value]);
const list = (...items: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(items);
  return Buffer.concat([Buffer.from([0xc0, content.length + 1, items.length]), content]);
};
const map = (...items: readonly Buffer[]): Buffer => {
  const whole = list(...items);
  whole[0] = 0xc1;
  return whole;
};

/** Of each of these types rhea makes another, or cannot write it at all. */
const TYPES: readonly [name: string, value: Buffer][] = [
  ['byte', Buffer.from([0x51, 0xff])],
  ['short', Buffer.from([0x61, 0x00, 0x05])],
  ['long', Buffer.from([0x55, 0x05])],
  ['ulong', Buffer.from([0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['float', Buffer.from([0x72, 0x3f, 0xc0, 0x00, 0x00])],
  ['decimal', Buffer.concat([Buffer.from([0x94]), Buffer.alloc(16, 7)])],
  ['char', Buffer.from([0x73, 0x00, 0x00, 0x00, 0xe4])],
  ['uuid', Buffer.concat([Buffer.from([0x98]), Buffer.alloc(16, 9)])],
  ['described', section(0x99, text('2 hours'))],
];
const PROPERTIES = section(0x73, list(text('id'), Buffer.from([0x40]), text('to')));
const TYPED = TYPES.flatMap(([name, value]) => [text(name), value]);
const FOOTER = section(0x78, map(symbol('sum'), Buffer.from([0x61, 0x00, 0x01])));

async function send(...sections: readonly Buffer[]): Promise<void> {
  await raw.putToken('sb://127.0.0.1/');
  raw.keepEncoded();
  const sender = raw.connection.open_sender('q');
  await once(sender, 'sendable');
  sender.send(Buffer.concat(sections), 'tag', 0);
  await once(sender, 'accepted');
}

const receiver = (): Receiver => raw.connection.open_receiver({ source: 'q', credit_window: 1, autoaccept: false });

async function next(from: Receiver): Promise<{ bytes: Buffer; delivery: Delivery | undefined }> {
  const [{ message, delivery }] = (await once(from, 'message')) as [EventContext];
  if (!Buffer.isBuffer(message)) throw new Error('It was decoded.');
  return { bytes: message, delivery };
}

it.each(TYPES)('keeps a property, an annotation and a body of the type %s as they were sent', async (_name, value) => {
  const annotations = [symbol('x-opt-partition-key'), value];
  const rest = [PROPERTIES, section(0x74, map(text('property'), value)), section(0x77, value), FOOTER];
  await send(section(0x72, map(...annotations)), ...rest);
  const { bytes } = await next(receiver());
  expect(bytes.subarray(-Buffer.concat(rest).length)).toEqual(Buffer.concat(rest));
  expect(bytes.includes(Buffer.concat(annotations))).toBe(true);
});

it('keeps several sequences apart', async () => {
  const sequences = [section(0x76, list(text('a'))), section(0x76, list(text('b')))];
  await send(PROPERTIES, ...sequences);
  const first = receiver();
  const { bytes, delivery } = await next(first);
  expect(bytes.subarray(-Buffer.concat(sequences).length)).toEqual(Buffer.concat(sequences));
  delivery?.accept();
});

it('keeps the other properties as they were sent when a settlement changes one and adds one', async () => {
  await send(PROPERTIES, section(0x74, map(...TYPED, text('state'), text('old'))), section(0x77, text('body')));
  const link = receiver();
  const { delivery } = await next(link);
  delivery?.modified({ delivery_failed: true, message_annotations: { state: 'new', more: 'yes' } });
  const { bytes } = await next(link);
  expect(bytes.includes(Buffer.concat([...TYPED, text('state'), text('new'), text('more'), text('yes')]))).toBe(true);
  expect(bytes.includes('old')).toBe(false);
  expect(bytes.subarray(-section(0x77, text('body')).length)).toEqual(section(0x77, text('body')));
});

it("puts its own annotations in place of a sender's", async () => {
  const forged = [symbol('x-opt-sequence-number'), Buffer.from([0x55, 0x63]), symbol('x-opt-locked-until'), text('x')];
  await send(section(0x72, map(...forged, symbol('mine'), text('kept'))), PROPERTIES, section(0x77, text('body')));
  const { bytes } = await next(receiver());
  expect(bytes.includes(Buffer.concat([symbol('mine'), text('kept')]))).toBe(true);
  expect(bytes.includes(Buffer.concat([symbol('x-opt-sequence-number'), Buffer.from([0x55, 0x01])]))).toBe(true);
  for (const annotation of ['x-opt-sequence-number', 'x-opt-locked-until'])
    expect(bytes.toString('latin1').split(annotation)).toHaveLength(2);
});

it.each([
  ['no section at all', Buffer.from([0x40])],
  ['a section that ends too early', section(0x77, Buffer.from([0xa1, 9, 0x78]))],
  ['a type that there is not', section(0x77, Buffer.from([0x3f]))],
])('refuses %s', async (_what, bytes) => {
  await raw.putToken('sb://127.0.0.1/');
  const sender = raw.connection.open_sender('q');
  await once(sender, 'sendable');
  sender.send(bytes, 'tag', 0);
  const [{ delivery }] = (await once(sender, 'rejected')) as [EventContext];
  expect(delivery?.remote_state).toMatchObject({ error: { condition: 'amqp:decode-error' } });
});
