import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

/** A mail server that delivers nowhere. */
export type Mailbox = {
  /** What a Parley that mails here is started with. */
  settings: { SMTP_URL: string; MAIL_FROM: string };
  /** The token in the next mail to an address, which may have come already. */
  takeToken(address: string): Promise<string>;
  close(): Promise<void>;
};

/** A secret of 32 bytes on a line of its own. */
const TOKEN = /^[\w-]{43}$/m;

type Waiting = { tokens: string[]; takers: ((token: string) => void)[] };

/** Starts it on a free port. */
export async function openMailbox(): Promise<Mailbox> {
  const addresses = new Map<string, Waiting>();
  const waitingFor = (address: string) => {
    const waiting = addresses.get(address) ?? { tokens: [], takers: [] };
    addresses.set(address, waiting);
    return waiting;
  };
  const deliver = (address: string, mail: string) => {
    const token = TOKEN.exec(mail.replaceAll("\r", ""))?.[0];
    if (token === undefined) return;
    const { tokens, takers } = waitingFor(address);
    const take = takers.shift();
    if (take) take(token);
    else tokens.push(token);
  };
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, { envelope }, done) {
      text(stream).then((mail) => {
        for (const { address } of envelope.rcptTo) deliver(address, mail);
        done();
      }, done);
    },
  });
  const listener = server.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    settings: {
      SMTP_URL: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`,
      MAIL_FROM: "Parley <parley@example.com>",
    },
    async takeToken(address) {
      const { tokens, takers } = waitingFor(address);
      return tokens.shift() ?? new Promise((resolve) => takers.push(resolve));
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
