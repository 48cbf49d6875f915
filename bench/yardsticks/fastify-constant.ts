import { fastify } from "fastify";

/**
 * A bare server of Fastify: it parses the JSON of any POST and answers a constant, a JSON text that is given on the
 * command line. It prints its port.
 */

const answer = process.argv[2]!;
const app = fastify();
app.post("/*", async (_request, reply) => reply.type("application/json; charset=utf-8").send(answer));
const address = await app.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${new URL(address).port}\n`);
