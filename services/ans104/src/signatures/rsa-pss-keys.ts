import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { endOfTurn } from './end-of-turn.ts';

/*
 * RSA keys that say of themselves that they are for PSS (id-RSASSA-PSS, RFC 4055). With keys of the common form,
 * padding and salt go along in an object, and Node finds out by an exception that the object is no key: 15 us of the
 * event loop for each check of a signature, 30 us for each signature. These keys are handed over as they are.
 */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;

/** One element of ASN.1 in its distinguished encoding (X.690). */
function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  return Buffer.concat([Buffer.of(tag, 0x82, body.length >> 8, body.length & 0xff), body]);
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** A number that is never negative: a zero before a set first bit keeps that from being taken for a sign. */
function unsigned(number: Uint8Array): Buffer {
  const significant = number.subarray(number.findIndex((byte) => byte !== 0));
  return der(INTEGER, Buffer.alloc(significant[0]! < 0x80 ? 0 : 1), significant);
}

const PSS = der(0x06, bytes('2a864886f70d01010a'));
const SHA256 = der(SEQUENCE, der(0x06, bytes('608648016503040201')));
const MGF1_SHA256 = der(SEQUENCE, der(0x06, bytes('2a864886f70d010108')), SHA256);
const NO_SALT = der(INTEGER, Buffer.of(0));
const EXPONENT = unsigned(bytes('010001'));

/** SHA-256, and a salt of whatever length, which OpenSSL then finds in the signature. */
const ANY_SALT = der(SEQUENCE, PSS);
const WITHOUT_SALT = der(SEQUENCE, PSS, der(SEQUENCE, der(0xa0, SHA256), der(0xa1, MGF1_SHA256), der(0xa2, NO_SALT)));

/** The public key with this modulus and the exponent 65537, for PSS signatures with any salt. @throws when it is none */
export function pssPublicKey(modulus: Uint8Array): KeyObject {
  const key = der(SEQUENCE, unsigned(modulus), EXPONENT);
  const info = der(SEQUENCE, ANY_SALT, der(BIT_STRING, Buffer.of(0), key));
  return createPublicKey({ key: info, format: 'der', type: 'spki' });
}

/**
 * Signs with a private RSA key: PSS with SHA-256 and no salt, so that a message always has the same signature. Each is made
 * on Node's thread pool.
 */
export function unsaltedPssSigner(key: KeyObject): (message: Uint8Array) => Promise<Buffer> {
  const rsa = key.export({ format: 'der', type: 'pkcs1' });
  const info = der(SEQUENCE, der(INTEGER, Buffer.of(0)), WITHOUT_SALT, der(OCTET_STRING, rsa));
  const pss = createPrivateKey({ key: info, format: 'der', type: 'pkcs8' });
  return async (message) => {
    await endOfTurn();
    return new Promise((resolve, reject) => {
      sign('sha256', message, pss, (error, signature) => (error ? reject(error) : resolve(signature)));
    });
  };
}
