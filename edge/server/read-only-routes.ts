import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import { Refusal } from "../transcode/index.ts";

const ALLOW = "GET, HEAD, OPTIONS";
const WRITES = ["POST", "PUT", "PATCH", "DELETE"];

/** Gives each route of a scope that reads the answers to other methods: 405, and to OPTIONS what it allows. */
export function refuseWrites(app: FastifyInstance, refuse: NonNullable<FastifyServerOptions["frameworkErrors"]>): void {
  const answerWrite = (request: FastifyRequest, reply: FastifyReply) => {
    const message = `the path "${request.routeOptions.url}" allows ${ALLOW}, not ${request.method}`;
    refuse(new Refusal("methodNotAllowed", message, { allow: ALLOW }) as never, request, reply as never);
  };
  const answerOptions = (_request: FastifyRequest, reply: FastifyReply) =>
    reply.code(204).header("allow", ALLOW).send();
  app.addHook("onRoute", function addOthers({ method, url }) {
    if (method !== "GET") return;
    this.route({ method: WRITES, url, handler: answerWrite });
    this.route({ method: "OPTIONS", url, handler: answerOptions });
  });
}
