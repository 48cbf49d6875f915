import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

/** A mail server that delivers nowhere. */
export type Mailbox = {
  /** What a Parley that mails here is started with. */
  settings: { SMTP_URL: string; MAIL_FROM: string };
  /** The token in the next mail to an address, which may have come already, that has a text in it. */
  takeToken(address: string, said?: string): Promise<string>;
  close(): Promise<void>;
};

/** A secret of 32 bytes on a line of its own. */
const TOKEN = /^[\w-]{43}$/m;

type Mail = { address: string; text: string };
type Taker = { address: string; said: string; take(token: string): void };

function isFor({ address, said }: Taker, mail: Mail): boolean {
  return mail.address === address && mail.text.includes(said);
}

/** Starts it on a free port. */
export async function openMailbox(): Promise<Mailbox> {
  const mails: Mail[] = [];
  const takers: Taker[] = [];
  const match = () => {
    for (const taker of [...takers]) {
      const mail = mails.find((each) => isFor(taker, each));
      if (mail === undefined) continue;
      mails.splice(mails.indexOf(mail), 1);
      takers.splice(takers.indexOf(taker), 1);
      taker.take(TOKEN.exec(mail.text)![0]);
    }
  };
  const deliver = (mail: Mail) => {
    if (TOKEN.test(mail.text)) mails.push(mail);
    match();
  };
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, { envelope }, done) {
      text(stream).then((mail) => {
        for (const { address } of envelope.rcptTo) deliver({ address, text: mail.replaceAll("\r", "") });
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
    takeToken: (address, said = "") =>
      new Promise((take) => {
        takers.push({ address, said, take });
        match();
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
