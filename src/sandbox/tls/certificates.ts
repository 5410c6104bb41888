import { createHash, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import {
  bitString,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  truth,
  utcTime,
  utf8String,
} from './der.ts';

export interface Certificates {
  /** The authority, for `NODE_EXTRA_CA_CERTS` or `curl --cacert`. Its private key is thrown away. */
  readonly caPem: string;
  /** The server certificate, PEM. */
  readonly cert: string;
  /** The server's private key, PKCS #8 PEM. */
  readonly key: string;
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A certificate still to be signed (RFC 5280); both kinds that are made here are issued by the authority. */
interface Draft {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

const AUTHORITY_NAME = 'Sandbox certificate authority';
const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const VERSION_3 = explicit(0, integer(Buffer.from([2])));

/**
 * A fresh certificate authority (ECDSA P-256) and one server certificate for 127.0.0.1, localhost and the DNS names
 * given (`*.suffix` allowed), valid from yesterday for 31 days. Nothing is written to disk.
 */
export async function createCertificates(hosts: readonly string[]): Promise<Certificates> {
  const [authority, server] = await Promise.all([createKeys(), createKeys()]);
  const caDraft = {
    subject: AUTHORITY_NAME,
    publicKey: authority.publicKey,
    extensions: authorityExtensions(authority),
  };
  const leafDraft = { subject: 'sandbox', publicKey: server.publicKey, extensions: serverExtensions(authority, hosts) };
  return {
    caPem: certificate(caDraft, authority.privateKey),
    cert: certificate(leafDraft, authority.privateKey),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const createKeys = (): Promise<KeyPair> => promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });

function certificate({ subject, publicKey, extensions }: Draft, signingKey: KeyObject): string {
  const toBeSigned = sequence(
    VERSION_3,
    serialNumber(),
    ECDSA_WITH_SHA256,
    commonName(AUTHORITY_NAME),
    sequence(utcTime(new Date(Date.now() - DAY_MS)), utcTime(new Date(Date.now() + 30 * DAY_MS))),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const signed = sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(sign('sha256', toBeSigned, signingKey)));
  const lines = signed.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** DER forbids a leading zero octet, which random ones alone would now and then begin with. */
const serialNumber = (): Buffer => integer(Buffer.concat([Buffer.from([1]), randomBytes(15)]));

const commonName = (name: string): Buffer => sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(name))));

const authorityExtensions = ({ publicKey }: KeyPair): Buffer[] => [
  critical('2.5.29.19', sequence(truth())), // basicConstraints: cA
  critical('2.5.29.15', bitString(Buffer.from([0b0000_0100]), 2)), // keyUsage: keyCertSign
  extension('2.5.29.14', octetString(keyIdentifier(publicKey))), // subjectKeyIdentifier
];

const serverExtensions = (authority: KeyPair, hosts: readonly string[]): Buffer[] => [
  critical('2.5.29.19', sequence()), // basicConstraints: not cA
  critical('2.5.29.15', bitString(Buffer.from([0b1000_0000]), 7)), // keyUsage: digitalSignature
  extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
  extension('2.5.29.17', sequence(...subjectNames(hosts))), // subjectAltName
  extension('2.5.29.35', sequence(implicit(0, keyIdentifier(authority.publicKey)))), // authorityKeyIdentifier
];

/** GeneralName: `[2]` is a DNS name, `[7]` an address. */
const subjectNames = (hosts: readonly string[]): Buffer[] => [
  implicit(7, Buffer.from([127, 0, 0, 1])),
  ...['localhost', ...hosts].map((host) => implicit(2, Buffer.from(host))),
];

const extension = (id: string, value: Buffer): Buffer => sequence(objectIdentifier(id), octetString(value));
const critical = (id: string, value: Buffer): Buffer => sequence(objectIdentifier(id), truth(), octetString(value));

const keyIdentifier = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
