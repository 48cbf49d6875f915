import { randomUUID } from "node:crypto";
import { nkeys } from "@nats-io/transport-node";

/** An authority of NATS: what a server's configuration needs of it, and a user's credentials. */
export type NatsOperator = {
  /** Lines of a server's configuration. */
  settings: string[];
  /** The content of a `.creds` file. */
  credentials: string;
};

type KeyPair = ReturnType<typeof nkeys.createAccount>;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWT as NATS wants it, version 2: https://docs.nats.io/running-a-nats-service/nats_admin/security/jwt */
function sign(issuer: KeyPair, subject: KeyPair, name: string, nats: object): string {
  const claims = {
    ...{ jti: randomUUID(), iat: Math.floor(Date.now() / 1_000), name },
    ...{ iss: issuer.getPublicKey(), sub: subject.getPublicKey(), nats: { ...nats, version: 2 } },
  };
  const text = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${encode(claims)}`;
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString("base64url")}`;
}

/** Makes an operator with an account that may use JetStream without limits, a user in it, and the server's own account. */
export function createNatsOperator(): NatsOperator {
  const [operator, user] = [nkeys.createOperator(), nkeys.createUser()];
  const [account, system] = [nkeys.createAccount(), nkeys.createAccount()];
  const unlimited = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const connections = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, conn: -1, leaf: -1 };
  const limits = { ...unlimited, ...connections };
  const operatorJwt = sign(operator, operator, "operator", { type: "operator" });
  const accountJwt = sign(operator, account, "account", { type: "account", limits });
  const systemJwt = sign(operator, system, "system", { type: "account", limits: connections });
  const userJwt = sign(account, user, "user", { type: "user", subs: -1, data: -1, payload: -1 });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    settings: [
      `operator: "${operatorJwt}"`,
      "resolver: MEMORY",
      `system_account: ${system.getPublicKey()}`,
      `resolver_preload: { ${account.getPublicKey()}: "${accountJwt}", ${system.getPublicKey()}: "${systemJwt}" }`,
    ],
    credentials: [
      "-----BEGIN NATS USER JWT-----",
      userJwt,
      "------END NATS USER JWT------",
      "-----BEGIN USER NKEY SEED-----",
      seed,
      "------END USER NKEY SEED------",
      "",
    ].join("\n"),
  };
}
