import type { BenchCase } from "../bench-case.ts";
import { ratioAtLeast } from "../goals.ts";
import { openEmbeddedParley } from "../installation/embedded-parley.ts";
import { CHATS } from "../load/creates-load.ts";
import { ECHO, measureCreates } from "./creates.ts";

/** Everything in one process, on SQLite files that are synced: the queue's, the database's, the search index's. */
export const CREATE_EMBEDDED: BenchCase = {
  name: "create-embedded",
  about: `gRPC CreateMessage on the embedded default, ${CHATS} chats`,
  yardstick: ECHO,
  goals: [ratioAtLeast(0.7)],
  needs: ["h2load"],
  async run(context) {
    const parley = await openEmbeddedParley();
    try {
      const result = await measureCreates(context, { name: "create-embedded", chats: CHATS }, parley);
      const indexLagMs = await parley.stored.indexed();
      return { ...result, figures: { ...result.figures, indexLagMs } };
    } finally {
      await parley.close();
    }
  },
};
