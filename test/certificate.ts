import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate for `localhost` and 127.0.0.1 that is signed by its own key, as PEM; valid for a day. */
export type Certificate = { cert: Buffer; key: Buffer };

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

const ECDSA_WITH_SHA256 = "06082a8648ce3d040302";
const COMMON_NAME = "0603550403";
const SUBJECT_ALT_NAME = "0603551d11";

/** A value in DER. */
function der(tag: number, ...parts: (Buffer | Uint8Array)[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const size = length < 0x80 ? [length] : long;
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const hex = (text: string) => Buffer.from(text, "hex");

function timeOf(date: Date): Buffer {
  const [, digits] = /^..(.+)\./.exec(date.toISOString())!;
  return der(UTC_TIME, Buffer.from(`${digits!.replaceAll(/\D/g, "")}Z`));
}

/** Makes a certificate with nothing but Node, by RFC 5280. */
export function createCertificate(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, hex(COMMON_NAME), der(UTF8_STRING, Buffer.from("localhost")))));
  const names = der(SEQUENCE, der(DNS_NAME, Buffer.from("localhost")), der(IP_ADDRESS, hex("7f000001")));
  const now = Date.now();
  const body = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, hex("02"))),
    der(INTEGER, hex("01")),
    der(SEQUENCE, hex(ECDSA_WITH_SHA256)),
    name,
    der(SEQUENCE, timeOf(new Date(now - 3_600_000)), timeOf(new Date(now + 86_400_000))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(EXTENSIONS, der(SEQUENCE, der(SEQUENCE, hex(SUBJECT_ALT_NAME), der(OCTET_STRING, names)))),
  );
  const signature = der(BIT_STRING, hex("00"), sign("sha256", body, privateKey));
  const whole = der(SEQUENCE, body, der(SEQUENCE, hex(ECDSA_WITH_SHA256)), signature);
  const lines = whole.toString("base64").replaceAll(/.{64}/g, "$&\n").trim();
  const cert = Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
  return { cert, key: Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" })) };
}
